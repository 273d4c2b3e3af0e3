/** The devices of the account, as its signed list has them: what each is, when it was here, and the way to remove it. */
import type { DeviceInfo } from "@troth/client/device/api.ts";
import { LIMITS } from "@troth/protocol";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction } from "../info/use-action.ts";
import { DeviceIcon } from "../linking/device-icon.tsx";
import { useDeviceChanges } from "../linking/use-device-changes.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useNow } from "../state/use-now.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { dayHeading } from "../ui/moment.ts";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { useAnswer } from "./use-answer.ts";

export function DevicesPage() {
	const { host } = useModel();
	const { value: devices, error, again } = useAnswer(host.devices);
	useDeviceChanges(again);
	const { devices: say } = words.linking;
	// Who looks here has seen what there is.
	const count = devices?.length;
	useEffect(() => {
		if (count !== undefined) host.dismissDeviceNotices().catch(() => {});
	}, [host, count]);
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-4 p-5">
				<p className="text-muted text-sm">{say.text}</p>
				{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
				{devices === undefined && error === undefined && <Spinner size={22} />}
				<ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised empty:hidden">
					{devices?.map((device) => (
						<DeviceRow key={device.device} device={device} only={devices.length === 1} onRemoved={again} />
					))}
				</ul>
				{devices !== undefined && <LinkOne count={devices.length} />}
				<p className="px-1 text-muted text-xs">{say.idle}</p>
			</div>
		</Pane>
	);
}

function LinkOne({ count }: { readonly count: number }) {
	const { devices: say } = words.linking;
	if (count >= LIMITS.devicesPerAccount) return <p className="text-sm">{say.most(LIMITS.devicesPerAccount)}</p>;
	return (
		<Button onClick={() => goTo({ place: "link", code: undefined })} className="min-h-12 text-base">
			<Plus size={19} aria-hidden="true" /> {say.link}
		</Button>
	);
}

interface DeviceRowProps {
	readonly device: DeviceInfo;
	readonly only: boolean;
	readonly onRemoved: () => void;
}

function DeviceRow({ device, only, onRemoved }: DeviceRowProps) {
	const model = useModel();
	const act = useAction();
	const now = useNow();
	const [asking, setAsking] = useState(false);
	const [busy, setBusy] = useState(false);
	const { devices: say } = words.linking;
	const { own, kind, addedAtMs, lastAttachedMs, attached, unlinksAtMs } = device;
	const name = device.name ?? (own ? say.thisOne : say.unnamed);
	const remove = () =>
		act(async () => {
			setBusy(true);
			try {
				await model.host.removeDevice(device.device);
				model.say(say.removed(name));
				onRemoved();
			} finally {
				setBusy(false);
			}
		});
	const presence = attached
		? say.here
		: lastAttachedMs === undefined
			? say.neverHere
			: say.lastHere(dayHeading(lastAttachedMs, now));
	return (
		<li className="flex items-center gap-4 px-4 py-3.5">
			<span className={own ? "text-plum" : "text-muted"}>
				<DeviceIcon kind={kind} />
			</span>
			<span className="min-w-0 flex-1">
				<span className="block truncate font-semibold text-sm">{name}</span>
				<span className="block text-muted text-xs">
					{say.kinds[kind]}
					{own && ` · ${say.thisOne}`} · {own ? say.here : presence}
				</span>
				<span className="block text-muted text-xs">{say.added(words.time.dayOfOtherYear(addedAtMs))}</span>
				{unlinksAtMs !== undefined && <span className="block text-brass text-xs">{say.unlinks(unlinksAtMs)}</span>}
			</span>
			{!only && (
				<Button
					look="dangerPlain"
					busy={busy}
					aria-label={say.removeName(name)}
					onClick={() => setAsking(true)}
					className="min-h-9"
				>
					{say.remove}
				</Button>
			)}
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={say.removeTitle(name)}
				text={own ? say.removeOwnText : say.removeText}
				action={say.remove}
				onConfirm={() => void remove()}
			/>
		</li>
	);
}
