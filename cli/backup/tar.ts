/**
 * The little of tar that a backup is: regular files, in a known order, so that `tar` lists it as well. Nothing is
 * ever made under a name that an archive has. Pure but for the reading.
 */
import { CliError } from "../../util/error";

const BLOCK = 512;
const LARGEST_OCTAL = 8 ** 11 - 1;

/** What is behind a member of this length. */
export const padding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);

/** Two empty blocks end an archive. */
export const END = Buffer.alloc(2 * BLOCK);

/** Header of a regular file. */
export function header(name: string, bytes: number): Buffer {
    const block = Buffer.alloc(BLOCK);
    const octal = (value: number, at: number, length: number): number =>
        block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
    block.write(name, 0, 100, "latin1");
    octal(0o600, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    if (bytes > LARGEST_OCTAL) {
        // GNU's base 256: 8 GiB, a home, is one too many for eleven digits.
        block[124] = 0x80;
        block.writeBigUInt64BE(BigInt(bytes), 128);
    } else {
        octal(bytes, 124, 12);
    }
    octal(0, 136, 12);
    block.write("        0", 148, "latin1");
    block.write("ustar\u000000", 257, "latin1");
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return block;
}

const strange = (file: string, what: string): CliError =>
    new CliError(`${file} is no whole backup: ${what}`, "take another copy of it");

/** Bytes of a stream, by their number. */
export class ByteReader {
    private rest = Buffer.alloc(0);
    private readonly source: AsyncIterator<Buffer>;

    constructor(
        source: AsyncIterable<Buffer>,
        private readonly file: string,
    ) {
        this.source = source[Symbol.asyncIterator]();
    }

    /** Pieces of the next bytes. @throws CliError when there are less */
    async *pieces(bytes: number): AsyncGenerator<Buffer> {
        for (let left = bytes; left > 0;) {
            if (this.rest.length === 0) {
                const next = await this.source.next();
                if (next.done === true) {
                    throw strange(this.file, "it ends too early");
                }
                this.rest = next.value as Buffer<ArrayBuffer>;
            }
            const piece = this.rest.subarray(0, left);
            this.rest = this.rest.subarray(piece.length);
            left -= piece.length;
            yield piece;
        }
    }

    async exactly(bytes: number): Promise<Buffer> {
        const all: Buffer[] = [];
        for await (const piece of this.pieces(bytes)) {
            all.push(piece);
        }
        return Buffer.concat(all);
    }

    /**
     * The length of the next member, which has this name and is a plain file.
     * @throws CliError for any other: nothing is looked up by the name that an archive has
     */
    async member(name: string, most: number): Promise<number> {
        const block = await this.exactly(BLOCK);
        const bytes =
            block[124] === 0x80
                ? Number(block.readBigUInt64BE(128))
                : Number.parseInt(block.toString("latin1", 124, 135), 8);
        if (!(bytes >= 0 && bytes <= most) || !block.equals(header(name, bytes))) {
            throw strange(this.file, `its next member is not ${name}, a plain file of at most ${most} bytes`);
        }
        return bytes;
    }

    /** Content of the next member, with what pads it. */
    async *content(bytes: number): AsyncGenerator<Buffer> {
        yield* this.pieces(bytes);
        await this.exactly(padding(bytes).length);
    }

    async whole(name: string, most: number): Promise<Buffer> {
        const bytes = await this.member(name, most);
        const content = await this.exactly(bytes);
        await this.exactly(padding(bytes).length);
        return content;
    }

    /** The archive's end, and the stream's. @throws CliError when more is behind */
    async end(): Promise<void> {
        if (!(await this.exactly(END.length)).equals(END)) {
            throw strange(this.file, "more is in it than its manifest says");
        }
        if (this.rest.length > 0 || (await this.source.next()).done !== true) {
            throw strange(this.file, "more is behind its end");
        }
    }
}
