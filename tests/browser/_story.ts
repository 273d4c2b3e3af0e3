/** A story in steps: each goes on where the one before ended, so what follows a failed step is not tried. */
import { test } from "node:test";

/** By the suite: a process may have several stories. */
const broken = new Map<string, string>();

/** One step, reported as a test of its own. */
export function step(name: string, run: () => Promise<void> | void): void {
	test(name, async (context) => {
		const story = context.fullName.slice(0, -name.length);
		const failed = broken.get(story);
		if (failed !== undefined) return context.skip(`"${failed}" failed before`);
		try {
			await run();
		} catch (error) {
			broken.set(story, name);
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
