/** People one has blocked, and the way to undo it. */
import type { AccountId } from "@troth/protocol";
import { useAction } from "../info/use-action.ts";
import { PersonRow } from "../people/person-row.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { useAnswer } from "./use-answer.ts";

export function BlockedPage() {
	const model = useModel();
	const { value: people, error, again } = useAnswer(model.host.blocked);
	const act = useAction();
	const unblock = (account: AccountId) =>
		act(async () => {
			await model.host.unblock(account);
			again();
			void model.conversations.load();
		});
	return (
		<Pane title={words.settings.blocked} stands="content">
			<div className="mx-auto max-w-xl p-5">
				{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
				{people === undefined && error === undefined && <Spinner size={22} />}
				{people?.length === 0 && <p className="text-muted text-sm">{words.settings.blockedNone}</p>}
				<ul>
					{people?.map((person) => (
						<li key={person.account}>
							<PersonRow
								person={person}
								trailing={
									<Button look="quiet" className="min-h-9" onClick={() => unblock(person.account)}>
										{words.composer.unblock}
									</Button>
								}
							/>
						</li>
					))}
				</ul>
			</div>
		</Pane>
	);
}
