/** The process of several test files (`bundled.ts`): each file is a suite, with its own hooks and under its own name. */
import asyncHooks, { type AsyncHook, AsyncResource } from "node:async_hooks";

/**
 * Registers all tests of these files, one file after the other, and lets the runner have them.
 *
 * The runner follows every promise of the process from where it was made to where it is collected, in order to name the
 * test in which an error was thrown that nobody caught. That is a fifth of the time of what awaits much, as the simulation
 * does. Here it follows them only while the files are loaded, when it has to know which suite a test belongs to: an error
 * that nobody catches still fails the process, without the test's name.
 *
 * @param files relative to the project's root
 */
export async function runTogether(files: readonly string[]): Promise<void> {
	const followers: AsyncHook[] = [];
	const { createHook } = asyncHooks;
	asyncHooks.createHook = (callbacks) => {
		const follower = createHook(callbacks);
		followers.push(follower);
		return follower;
	};
	// The runner takes what it needs of `async_hooks` when it is loaded: not before this line.
	const { describe } = await import("node:test");
	// What follows an `await` below belongs to the suite that was awaited; the next one is to stand beside it.
	const outside = new AsyncResource("outside every suite");
	const { promise: allLoaded, resolve: start } = Promise.withResolvers<void>();
	for (const file of files) {
		let loaded: Promise<unknown> = Promise.resolve();
		outside.runInAsyncScope(describe, undefined, file, () => {
			loaded = import(new URL(`../${file}`, import.meta.url).href);
			return loaded.then(() => allLoaded);
		});
		// A file that can not be loaded is the failure of its own suite.
		await loaded.catch(() => {});
	}
	asyncHooks.createHook = createHook;
	for (const follower of followers) follower.disable();
	start();
}
