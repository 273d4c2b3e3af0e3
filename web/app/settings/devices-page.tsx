/** The devices of the account, as its signed list has them. */
import { Globe, MonitorSmartphone } from "lucide-react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useNow } from "../state/use-now.ts";
import { Problem } from "../ui/field.tsx";
import { dayHeading } from "../ui/moment.ts";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { useAnswer } from "./use-answer.ts";

export function DevicesPage() {
	const { host } = useModel();
	const now = useNow();
	const { value: devices, error } = useAnswer(host.devices);
	const { settings: say } = words;
	return (
		<Pane title={say.devices} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-4 p-5">
				<p className="text-muted text-sm">{say.devicesText}</p>
				{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
				{devices === undefined && error === undefined && <Spinner size={22} />}
				<ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised empty:hidden">
					{devices?.map(({ device, own, addedAtMs, lastAttachedMs }) => (
						<li key={device} className="flex items-center gap-4 px-4 py-3.5">
							<span aria-hidden="true" className={own ? "text-plum" : "text-muted"}>
								{own ? <Globe size={24} /> : <MonitorSmartphone size={24} />}
							</span>
							<span className="flex-1">
								<span className="block font-semibold text-sm">{own ? say.thisDevice : say.otherDevice}</span>
								<span className="block text-muted text-xs">{say.addedAt(words.time.dayOfOtherYear(addedAtMs))}</span>
								<span className="block text-muted text-xs">
									{lastAttachedMs === undefined ? say.neverActive : say.lastActive(dayHeading(lastAttachedMs, now))}
								</span>
							</span>
						</li>
					))}
				</ul>
			</div>
		</Pane>
	);
}
