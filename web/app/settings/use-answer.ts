/** One question to the device, asked when a page opens. */
import { useCallback, useEffect, useState } from "react";

export interface Answer<T> {
	readonly value: T | undefined;
	readonly error: unknown;
	readonly again: () => void;
}

/** @param ask must keep its identity between renderings */
export function useAnswer<T>(ask: () => Promise<T>): Answer<T> {
	const [value, setValue] = useState<T>();
	const [error, setError] = useState<unknown>();
	const again = useCallback(() => {
		setError(undefined);
		ask().then(setValue, setError);
	}, [ask]);
	useEffect(again, [again]);
	return { value, error, again };
}
