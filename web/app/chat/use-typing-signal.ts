/** Tells the others that one is typing: not with every key, and never for long after the last one. */
import type { ConversationId, Timer } from "@troth/protocol";
import { useCallback, useEffect, useRef } from "react";
import { useModel } from "../state/context.ts";

const AGAIN_AFTER = 4_000;
const STOPPED_AFTER = 5_000;

export function useTypingSignal(id: ConversationId): (typing: boolean) => void {
	const { host, clock, settings } = useModel();
	const said = useRef(0);
	const timer = useRef<Timer>(undefined);

	const signal = useCallback(
		(typing: boolean) => {
			timer.current?.cancel();
			const tell = (active: boolean) => void host.typing(id, active).catch(() => {});
			if (settings.value?.typingIndicators !== true) return;
			const now = clock.now();
			if (typing) {
				if (now - said.current > AGAIN_AFTER) {
					said.current = now;
					tell(true);
				}
				timer.current = clock.after(STOPPED_AFTER, () => signal(false));
			} else if (said.current > 0) {
				said.current = 0;
				tell(false);
			}
		},
		[host, clock, settings, id],
	);

	useEffect(() => () => signal(false), [signal]);
	return signal;
}
