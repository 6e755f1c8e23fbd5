# go-libvirt hands each answer over an unbuffered channel while it holds the lock of the table of callers. libvirtd ends
# a download with one packet more than the reader of the stream waits for: when that comes between the reader's last look
# and its leaving the table, sender and reader wait for each other, and the provider hangs for ever (seen in refresh, which
# downloads the seeds). With room for the last packets the sender always gets rid of them.
s/^\tc := make(chan response)$/\tc := make(chan response, 16)/
