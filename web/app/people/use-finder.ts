/** Looking someone up by exact number. */
import type { Person } from "@troth/client/device/api.ts";
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { words } from "../words/words.ts";
import { homeRegion, loadNumbers } from "./use-numbers.ts";

export interface Finder {
	readonly typed: string;
	readonly busy: boolean;
	readonly error: string | undefined;
	readonly type: (typed: string) => void;
	readonly fail: (error: string | undefined) => void;
	/** The person with the typed number; undefined where there is none, and `error` says why. */
	readonly find: () => Promise<Person | undefined>;
}

export function useFinder(): Finder {
	const { host } = useModel();
	const [typed, setTyped] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const find = async () => {
		setBusy(true);
		setError(undefined);
		try {
			const phone = (await loadNumbers()).readNumber(typed, homeRegion()).e164;
			if (phone === undefined) {
				setError(words.refusal("PHONE_INVALID"));
				return undefined;
			}
			return await host.find(phone);
		} catch (failure) {
			setError(reasonOf(failure));
			return undefined;
		} finally {
			setBusy(false);
		}
	};
	return {
		typed,
		busy,
		error,
		type: (next) => {
			setTyped(next);
			setError(undefined);
		},
		fail: setError,
		find,
	};
}
