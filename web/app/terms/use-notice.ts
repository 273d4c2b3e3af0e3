/** Whether the notice of new terms stands before the chats, as a page or as a banner. */
import { useEffect, useState } from "react";
import { useModel } from "../state/context.ts";
import { Cell, useCell } from "../state/store.ts";
import { useServerNow } from "../state/use-now.ts";

const KEY = "troth.notice-later";
const DAY_MS = 24 * 3600 * 1000;

/** The version that was put aside; the banner stays. */
const later = new Cell(read());

function read(): number {
	try {
		return Number(localStorage.getItem(KEY) ?? 0);
	} catch {
		return 0;
	}
}

/** Puts the page aside for this version, or (0) brings it back. */
export function putNoticeAside(version: number): void {
	try {
		localStorage.setItem(KEY, version.toString());
	} catch {
		// Without storage it is shown again with the next start.
	}
	later.set(version);
}

export interface NoticeState {
	readonly version: number;
	readonly suspended: boolean;
	/** UTC milliseconds; undefined until a device displayed the notice. */
	readonly deadlineMs: number | undefined;
	/** Days until the deadline, a begun one included; 0 in the last one. */
	readonly daysLeft: number | undefined;
	/** Suspended, and away for so many days, the account is deleted; 0 for never. */
	readonly keptDays: number;
	/** The page stands in front; otherwise the banner says it. */
	readonly asPage: boolean;
}

/** Undefined where nothing waits for an answer of somebody who accepted an earlier version. */
export function useNotice(): NoticeState | undefined {
	const model = useModel();
	const sharing = useCell(model.sharing);
	const terms = useCell(model.terms);
	const aside = useCell(later);
	const now = useServerNow();
	const deadlineMs = sharing?.deadlineMs;
	const over = sharing?.phase === "pending" && deadlineMs !== undefined && now >= deadlineMs;
	// The server counts, not this page: it is asked once its deadline has passed.
	useEffect(() => {
		if (over) model.readTerms();
	}, [model, over]);
	const version = sharing?.pendingVersion;
	useReminder(version);
	if (sharing === undefined || version === undefined || sharing.acceptedVersion === 0) return undefined;
	if (terms?.version !== version) return undefined;
	return {
		version,
		suspended: sharing.phase === "suspended",
		deadlineMs,
		daysLeft: deadlineMs === undefined ? undefined : daysUntil(deadlineMs, now),
		keptDays: sharing.absenceDays,
		asPage: aside !== version,
	};
}

/** Who put the notice aside sees it again when the server reminds them, and then puts it aside again or not. */
function useReminder(version: number | undefined): void {
	const model = useModel();
	const reminded = useCell(model.reminded);
	useEffect(() => {
		if (reminded === undefined || reminded !== version) return;
		putNoticeAside(0);
		model.reminded.set(undefined);
		// Where this is lost it comes up once more.
		model.host.reminderShown(reminded).catch(() => {});
	}, [model, reminded, version]);
}

/** Days that have at least begun; 0 once less than a whole one is left. */
export function daysUntil(deadlineMs: number, nowMs: number): number {
	const left = (deadlineMs - nowMs) / DAY_MS;
	return left < 1 ? 0 : Math.ceil(left);
}

/** Signs that the notice stands before the person, once. */
export function useDisplayedNotice(version: number): void {
	const model = useModel();
	const sharing = useCell(model.sharing);
	const displayed = sharing?.noticeDisplayedAtMs !== undefined;
	const [asked, setAsked] = useState(0);
	useEffect(() => {
		if (displayed || asked === version) return;
		setAsked(version);
		model.host.confirmNotice(version).then(
			(next) => model.putSharing(next),
			// The next display of it tries again.
			() => {},
		);
	}, [model, displayed, version, asked]);
}
