"""NoCloud seeds for the tests: the program's own, rendered by its own builders, or with one thing broken."""

import base64
import json
import subprocess
from pathlib import Path

DATA = "/etc/sallyport/data"
"""Where a seed says which data volume is expected."""

PROJECT = Path(__file__).resolve().parents[3]


class Seeds:
    """What the program renders for one enclave. plan: the NICs of each role, the Gateway's listeners."""

    def __init__(self, work):
        self.folder = work / "rendered"
        script = work / "seeds.js"
        programs = PROJECT / "node_modules/.bin"
        subprocess.run(
            [
                programs / "esbuild",
                "--bundle",
                "--platform=node",
                "--target=node20",
                "--format=cjs",
                "--log-level=warning",
                PROJECT / "test/image/seeds.ts",
                f"--outfile={script}",
            ],
            check=True,
        )
        subprocess.run([programs / "node", script, self.folder], check=True)
        self.plan = json.loads((self.folder / "plan.json").read_text())

    def macs(self, role):
        return [nic["mac"] for nic in self.plan[role]]

    def files(self, role):
        """What a seed of this role writes: path to content."""
        root = self.folder / role / "files"
        return {
            "/" + str(path.relative_to(root)): path.read_text()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def genuine(self, role, more="", data=None):
        """The three files of the program's seed as they are; more: text at the end of user-data; data: what it
        expects of its data volume instead of what the program says."""
        content = {
            name: (self.folder / role / name).read_text()
            for name in ("user-data", "network-config", "meta-data")
        }
        # cloud-init writes the files in their order, so a later one of the same path replaces the first.
        entry = "" if data is None else f"  - {{path: {DATA}, content: {json.dumps(data)}}}\n"
        return {**content, "user-data": content["user-data"] + entry + more}

    def broken(self, role, files):
        """A seed that writes these files instead of its own."""
        user = "#cloud-config\nwrite_files:\n"
        for name, content in files.items():
            encoded = base64.b64encode(content.encode()).decode()
            user += f"  - {{path: {name}, permissions: '0644', encoding: b64, content: {encoded}}}\n"
        return {**self.genuine(role), "user-data": user}


def write_seed(path, content):
    """Writes a seed disk."""
    folder = path.with_suffix(".d")
    folder.mkdir()
    for name, text in content.items():
        (folder / name).write_text(text)
    subprocess.run(
        [
            "genisoimage",
            "-quiet",
            "-output",
            path,
            "-volid",
            "cidata",
            "-joliet",
            "-rock",
            *sorted(folder.iterdir()),
        ],
        check=True,
    )
    return path
