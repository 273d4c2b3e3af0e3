/** A story in steps: each goes on where the one before ended, so what follows a failed step is not tried. */
import { test } from "node:test";

let broken: string | undefined;

/** One step, reported as a test of its own. */
export function step(name: string, run: () => Promise<void> | void): void {
	test(name, async (context) => {
		if (broken !== undefined) return context.skip(`"${broken}" failed before`);
		try {
			await run();
		} catch (error) {
			broken = name;
			throw error;
		}
	});
}

/** Tries until it holds, for what the page shows a moment later than what was waited for. */
export async function eventually(check: () => Promise<void>): Promise<void> {
	for (let left = 100; ; left--) {
		try {
			return await check();
		} catch (error) {
			if (left === 0) throw error;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}
