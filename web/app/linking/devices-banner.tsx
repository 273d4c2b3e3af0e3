/** What is new about the account's devices, on every screen until the person has seen it: a stranger shows here first. */
import type { DeviceNotice } from "@troth/client/device/api.ts";
import { useCallback } from "react";
import { useAction } from "../info/use-action.ts";
import { goTo } from "../routing/router.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";
import { DeviceIcon } from "./device-icon.tsx";
import { useDeviceChanges } from "./use-device-changes.ts";

export function DevicesBanner() {
	const model = useModel();
	const { host } = model;
	const { state } = useCell(model.connection);
	const act = useAction();
	const { value: notices, again } = useAnswer(host.deviceNotices);
	useDeviceChanges(again);
	const dismiss = useCallback(() => void act(() => host.dismissDeviceNotices()), [act, host]);
	// The newest: what was linked matters more than what was not used.
	const notice = notices?.findLast(({ kind }) => kind === "linked") ?? notices?.at(-1);
	// Who is out is told that, and what the others do is none of their business.
	if (notice === undefined || state === "removed" || state === "unlinked") return null;
	const { notice: say } = words.linking;
	const grave = notice.kind === "linked";
	return (
		<div
			role="status"
			className={`flex shrink-0 items-start gap-2.5 px-4 py-2 text-sm ${grave ? "bg-rust-soft [&>span]:text-rust" : "bg-brass-soft [&>span]:text-brass"}`}
		>
			<span className="mt-0.5 shrink-0">
				<DeviceIcon kind={notice.deviceKind} size={18} />
			</span>
			<p>
				{sentenceOf(notice)} {grave && say.linkedAsk}{" "}
				<button
					type="button"
					onClick={() => goTo({ place: "settings", page: "devices" })}
					className="font-semibold text-plum underline underline-offset-2"
				>
					{say.look}
				</button>{" "}
				<button type="button" onClick={dismiss} className="ml-1.5 font-semibold text-plum underline underline-offset-2">
					{say.dismiss}
				</button>
			</p>
		</div>
	);
}

export function sentenceOf(notice: DeviceNotice): string {
	const { notice: say } = words.linking;
	if (notice.kind === "idle" && notice.own) return say.idleOwn;
	return say[notice.kind](notice);
}
