import { setTimeout as sleep } from "node:timers/promises";
import { limitConcurrency } from "../../../util/limit-concurrency";

it("runs everything, in its order, and never more than so many at a time", async () => {
    const inTurn = limitConcurrency(3);
    let [now, most] = [0, 0];
    const begun: number[] = [];
    const work = (n: number) => async (): Promise<number> => {
        begun.push(n);
        most = Math.max(most, (now += 1));
        await sleep(n % 3);
        now -= 1;
        if (n === 4) {
            throw new Error("the fourth fails");
        }
        return n;
    };
    const all = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => inTurn(work(n))));
    expect(all.map((one) => (one.status === "fulfilled" ? one.value : one.status))).toEqual([
        0,
        1,
        2,
        3,
        "rejected",
        5,
        6,
        7,
        8,
        9,
    ]);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([most, now]).toEqual([3, 0]);
    await expect(inTurn(work(10))).resolves.toBe(10);
});
