/** Runs what a person asked for, and says it where it fails. */
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";

export function useAction(): (task: () => Promise<void>) => Promise<void> {
	const model = useModel();
	return async (task) => {
		try {
			await task();
		} catch (error) {
			model.say(reasonOf(error));
		}
	};
}
