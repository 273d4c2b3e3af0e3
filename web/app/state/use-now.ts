/** The time, for countdowns and for words like "yesterday". */
import { useEffect, useState } from "react";
import { useModel } from "./context.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

/** UTC milliseconds; ticks each second until `untilMs`, then each minute. */
export function useNow(untilMs = 0): number {
	const { clock } = useModel();
	const [now, setNow] = useState(() => clock.now());
	useEffect(() => {
		const timer = clock.after(now < untilMs ? SECOND : MINUTE, () => setNow(clock.now()));
		return () => timer.cancel();
	}, [clock, now, untilMs]);
	return now;
}

/** The server's clock, for its deadlines; renders anew each minute. */
export function useServerNow(): number {
	useNow();
	return useModel().serverNow();
}
