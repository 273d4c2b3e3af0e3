/** Says what stands between this device and the server, and what that means. Nothing when all is well. */
import { CircleSlash, CloudOff, Copy, MonitorX } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { StartOverButton } from "../linking/start-over-button.tsx";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { useNow } from "../state/use-now.ts";
import { Button } from "../ui/button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";

/** A connection that comes back at once is not worth a word, ms. */
const PATIENCE = 1_200;

export function ConnectionBanner() {
	const model = useModel();
	const connection = useCell(model.connection);
	const [patient, setPatient] = useState(true);
	const passing = connection.state === "connecting" || connection.state === "offline";
	const now = useNow(connection.state === "offline" ? connection.retryAtMs : 0);

	useEffect(() => {
		setPatient(true);
		if (!passing) return;
		const timer = model.clock.after(PATIENCE, () => setPatient(false));
		return () => timer.cancel();
	}, [model, passing]);

	const { connection: say } = words;
	const reconnect = () => void model.host.reconnect().catch(() => {});
	switch (connection.state) {
		case "online":
			return null;
		case "connecting":
			if (patient) return null;
			return (
				<Bar icon={<Spinner />}>
					<p>{say.connecting}</p>
				</Bar>
			);
		case "offline": {
			if (patient) return null;
			const seconds = Math.ceil((connection.retryAtMs - now) / 1000);
			return (
				<Bar icon={<CloudOff size={17} />}>
					<p>
						<strong className="font-semibold">{say.offline}</strong>{" "}
						{connection.code === undefined ? say.offlineWaiting : words.refusal(connection.code)}{" "}
						<span className="text-muted">{seconds > 0 ? say.retryIn(seconds) : say.retryNow}</span>{" "}
						<button type="button" onClick={reconnect} className="font-semibold text-plum underline underline-offset-2">
							{say.tryNow}
						</button>
					</p>
				</Bar>
			);
		}
		case "replaced":
			return (
				<Bar icon={<Copy size={17} />} title={say.replacedTitle}>
					<p>{say.replacedText}</p>
					<Button look="quiet" className="mt-2 min-h-9" onClick={reconnect}>
						{say.replacedAction}
					</Button>
				</Bar>
			);
		case "relink-required":
			return (
				<Bar icon={<CircleSlash size={17} />} title={say.relinkTitle} grave>
					<p>{say.relinkText}</p>
					<StartOverButton />
				</Bar>
			);
		case "unlinked":
			return (
				<Bar icon={<MonitorX size={17} />} title={say.unlinkedTitle} grave>
					<p>{say.unlinkedText}</p>
					<StartOverButton />
				</Bar>
			);
		case "removed":
			return (
				<Bar icon={<MonitorX size={17} />} title={say.removedTitle} grave>
					<p>{say.removedText}</p>
					<StartOverButton />
				</Bar>
			);
	}
}

interface BarProps {
	readonly icon: ReactNode;
	readonly title?: string;
	readonly grave?: boolean;
	readonly children: ReactNode;
}

function Bar({ icon, title, grave = false, children }: BarProps) {
	return (
		<div
			role="status"
			className={`flex shrink-0 animate-appear gap-2.5 px-4 py-2 text-sm ${grave ? "bg-rust-soft [&>span]:text-rust" : "bg-brass-soft [&>span]:text-brass"}`}
		>
			<span className="mt-0.5 shrink-0">{icon}</span>
			<div className="max-w-3xl">
				{title !== undefined && <p className="font-semibold">{title}</p>}
				{children}
			</div>
		</div>
	);
}
