/** How others reach this person beside the number: username, link and QR code; and who may find them by number. */
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { FindableRow } from "./findable-row.tsx";
import { LinkSection } from "./link-section.tsx";
import { useFinding } from "./use-finding.ts";
import { UsernameSection } from "./username-section.tsx";

export function ReachMePage() {
	const { finding, error, again, setFinding } = useFinding();
	return (
		<Pane title={words.finding.reach.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-8 p-5 text-sm">
				{finding === undefined && error === undefined && <Spinner size={22} />}
				{finding === undefined && error !== undefined && (
					<>
						<Problem>{reasonOf(error)}</Problem>
						<Button look="quiet" onClick={again} className="self-start">
							{words.common.tryAgain}
						</Button>
					</>
				)}
				{finding !== undefined && (
					<>
						<LinkSection link={finding.link} onChange={setFinding} />
						<UsernameSection key={finding.username} username={finding.username} onChange={setFinding} />
						<div className="overflow-hidden rounded-card border border-line bg-raised">
							<FindableRow finding={finding} onChange={setFinding} />
						</div>
					</>
				)}
			</div>
		</Pane>
	);
}
