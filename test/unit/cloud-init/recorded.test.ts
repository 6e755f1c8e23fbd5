/**
 * What stands in each guest, recorded: a change of names or folders must not change a byte of it. Who means
 * to change a rendered file records it anew (jest -u) and says so in CHANGELOG.md.
 */
import { renderEnclave, type RenderedGuest } from "../../../cli/render";
import { loadPlan } from "../../../plan/load";
import { digest } from "../../../values/names";
import { CONFIGS } from "../../policy/fixtures/good";

const digestOf = (guest: RenderedGuest): string => digest(32, JSON.stringify(guest.files));

it.each(Object.entries(CONFIGS))("files of: %s", (_, config) => {
    const { enclaves } = loadPlan("sallyport", "test", config).plan;
    expect(
        enclaves.flatMap((enclave) =>
            renderEnclave(enclave).map((guest) => `${enclave.name} ${guest.folder} ${digestOf(guest)}`),
        ),
    ).toMatchSnapshot();
});
