/** Configuration files of peers: templates with ${NAME} for what differs from run to run. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes `template` (a path below bench/peers) to `target`; a name without a value is an error. */
export async function writeConfiguration(
	template: string,
	target: string,
	values: Readonly<Record<string, string | number>>,
): Promise<void> {
	const text = await readFile(join(import.meta.dirname, template), "utf8");
	const filled = text.replaceAll(/\$\{([A-Z_0-9]+)\}/g, (_, name: string) => {
		const value = values[name];
		if (value === undefined) throw new Error(`${template} needs a value for ${name}`);
		return String(value);
	});
	await writeFile(target, filled);
}
