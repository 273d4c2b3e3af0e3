/** The half-written message of a chat, kept in the device's sealed store, not in the browser's plain one. */
import type { ConversationId, Timer } from "@troth/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { useModel } from "../state/context.ts";

const SAVE_AFTER = 500;

export interface Draft {
	readonly text: string;
	readonly setText: (text: string) => void;
	readonly clear: () => void;
}

export function useDraft(id: ConversationId): Draft {
	const { host, clock } = useModel();
	const [text, show] = useState("");
	const written = useRef<string>(undefined);
	const timer = useRef<Timer>(undefined);

	const save = useCallback(() => {
		timer.current?.cancel();
		timer.current = undefined;
		if (written.current !== undefined) void host.saveDraft(id, written.current).catch(() => {});
	}, [host, id]);

	useEffect(() => {
		host.draft(id).then(
			// What was typed meanwhile counts more.
			(stored) => written.current === undefined && show(stored),
			() => {},
		);
		return () => {
			if (timer.current !== undefined) save();
		};
	}, [host, id, save]);

	const setText = useCallback(
		(next: string) => {
			written.current = next;
			show(next);
			timer.current?.cancel();
			timer.current = clock.after(SAVE_AFTER, save);
		},
		[clock, save],
	);

	const clear = useCallback(() => {
		written.current = "";
		show("");
		save();
	}, [save]);

	return { text, setText, clear };
}
