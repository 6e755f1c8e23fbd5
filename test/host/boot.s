# A guest of one sector. It says on COM1 every two seconds what a ready Gateway says, and switches off when ACPI asks.
# The timer's interrupt wakes it 18.2 times a second (BIOS tick counter at 0x46c); q35 has its ACPI registers at 0x600.
.code16
.globl _start
_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    sti
    ljmp $0, $go
go: movw $0x3fb, %dx        # divisor latch
    movb $0x80, %al
    outb %al, %dx
    movw $0x3f8, %dx        # 115200 baud
    movb $1, %al
    outb %al, %dx
    incw %dx
    xorb %al, %al
    outb %al, %dx
    movw $0x3fb, %dx        # 8N1
    movb $3, %al
    outb %al, %dx
    movw $0x602, %dx        # PM1 enable: the power button
    movw $0x100, %ax
    outw %ax, %dx
say:
    movw $line, %si
next:
    lodsb
    testb %al, %al
    jz wait
    movb %al, %bl
full:
    movw $0x3fd, %dx        # until the transmitter is empty
    inb %dx, %al
    testb $0x20, %al
    jz full
    movb %bl, %al
    movw $0x3f8, %dx
    outb %al, %dx
    jmp next
wait:
    movw $36, %cx
tick:
    movw 0x46c, %bx
same:
    hlt
    movw $0x600, %dx        # PM1 status: was the button pressed?
    inw %dx, %ax
    testw $0x100, %ax
    jnz off
    cmpw %bx, 0x46c
    je same
    loop tick
    jmp say
off:
    movw $0x604, %dx        # PM1 control: sleep type 0 (S5 of QEMU's tables), sleep enable
    movw $0x2000, %ax
    outw %ax, %dx
    jmp off
line:
    .ascii "@sallyport {\"v\":1,\"role\":\"gateway\",\"phase\":\"ready\",\"bootstrap\":100,\"ready\":true,\"detail\":\"stand-in\"}\r\n\0"
    .org 510
    .word 0xaa55
