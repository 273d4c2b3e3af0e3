/** Being told of messages while nobody looks: asked for by the person, here and nowhere else. */
import { BellOff, BellRing } from "lucide-react";
import { useEffect, useState } from "react";
import { useAction } from "../info/use-action.ts";
import { chooseNotifications, notificationChoices } from "../notifications/choices.ts";
import {
	endWakeUps,
	keepWakeUps,
	mayNotify,
	notificationAbility,
	type WakeUpState,
} from "../notifications/wake-ups.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { Sentences } from "./sentences.tsx";

export function NotificationsPage() {
	const { notifications: say } = words;
	const { host, announcement } = useModel();
	const act = useAction();
	const { previews } = useCell(notificationChoices);
	const [busy, setBusy] = useState(false);
	const [asked, setAsked] = useState(0);
	const on = mayNotify();
	const wakeUps = useWakeUps(on, asked);
	const ability = notificationAbility();

	const turnOn = async () => {
		setBusy(true);
		// Only ever from here: a page that asks by itself is refused by browsers and by people.
		const permission = await Notification.requestPermission();
		chooseNotifications({ on: permission === "granted" });
		setAsked((times) => times + 1);
		setBusy(false);
		if (permission === "granted") announcement.set(say.isOn);
	};
	const turnOff = () =>
		act(async () => {
			chooseNotifications({ on: false, previews: false });
			announcement.set(say.isOff);
			await endWakeUps(host);
		});

	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				<p>{say.lead}</p>
				{ability === "unable" && <Note icon={<BellOff size={18} />}>{say.unable}</Note>}
				{ability === "denied" && (
					<Note icon={<BellOff size={18} />} tone="brass">
						{say.denied}
					</Note>
				)}
				{ability === "able" && !on && (
					<Button busy={busy} onClick={() => void turnOn()} className="self-start">
						{say.turnOn}
					</Button>
				)}
				{on && (
					<>
						<Note icon={<BellRing size={18} />} tone="moss" title={say.isOn}>
							<p role="status">{wakeUps === undefined ? words.common.loading : say.reach[wakeUps]}</p>
						</Note>
						<div className="overflow-hidden rounded-card border border-line bg-raised">
							<SwitchRow
								label={say.previews}
								text={say.previewsText}
								checked={previews}
								onChange={(next) => chooseNotifications({ previews: next })}
							/>
						</div>
						<Button look="quiet" onClick={() => void turnOff()} className="self-start">
							{say.turnOff}
						</Button>
					</>
				)}
				<Sentences title={say.whoLearns} of={say.facts} />
			</div>
		</Pane>
	);
}

function useWakeUps(on: boolean, asked: number): WakeUpState | undefined {
	const { host } = useModel();
	const [state, setState] = useState<WakeUpState>();
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the person turned it on
	useEffect(() => {
		if (on)
			keepWakeUps(host).then(setState, () => {
				setState("not-by-server");
			});
	}, [host, on, asked]);
	return state;
}
