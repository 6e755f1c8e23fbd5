/** tor's words on streams and circuits, as the e2e tests read them. */
import { circuitsOf, disjoint } from "../../e2e/support/streams";

const SAID = `650 STREAM 10 SENTCONNECT 3 one.example.test:80
650 STREAM 10 SUCCEEDED 3 one.example.test:80
650 STREAM 10 CLOSED 3 one.example.test:80 REASON=DONE
250-circuit-status=3 BUILT $A~a,$B~b,$C~c BUILD_FLAGS=NEED_CAPACITY PURPOSE=GENERAL
650 STREAM 11 NEW 0 two.example.test:80 SOURCE_ADDR=10.152.152.11:40000
650 STREAM 11 SENTCONNECT 7 two.example.test:80
650 STREAM 12 SENTCONNECT 8 three.example.test:80
650 STREAM 13 SENTCONNECT 9 four.example.test:80
7 BUILT $A~a,$B~b,$C~c BUILD_FLAGS=NEED_CAPACITY PURPOSE=CONFLUX_LINKED CONFLUX_ID=AB12 CONFLUX_RTT=1
8 BUILT $D~d,$E~e,$C~c BUILD_FLAGS=NEED_CAPACITY PURPOSE=CONFLUX_LINKED CONFLUX_ID=AB12 CONFLUX_RTT=2
9 BUILT $D~d,$E~e,$C~c BUILD_FLAGS=NEED_CAPACITY PURPOSE=CONFLUX_LINKED CONFLUX_ID=CD34 CONFLUX_RTT=2
`;
const of = (name: string): ReadonlySet<string> => circuitsOf(SAID, `${name}.example.test`);

test("a stream's circuit; two legs of a Conflux set are one", () => {
    expect([...of("one")]).toEqual(["3"]);
    expect([of("two"), of("three"), of("four")].map((found) => [...found])).toEqual([
        ["AB12"],
        ["AB12"],
        ["CD34"],
    ]);
    expect([disjoint(of("two"), of("three")), disjoint(of("two"), of("four"))]).toEqual([false, true]);
});

test("a name that tor told nothing of is an error, not an empty set", () => {
    expect(() => of("five")).toThrow("proves nothing");
    expect(() => circuitsOf("", "one.example.test")).toThrow("proves nothing");
    expect(() => circuitsOf("650 STREAM 10 NEW 0 one.example.test:80", "one.example.test")).toThrow(
        "proves nothing",
    );
});
