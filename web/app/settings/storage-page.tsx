/** What lies in this browser and how far its protection goes. Said as it is, not as one would like it. */
import { useCallback } from "react";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { useAnswer } from "./use-answer.ts";

const MEGABYTE = 1024 * 1024;

interface Facts {
	readonly usedMegabytes: string;
	readonly kept: boolean;
}

async function readFacts(): Promise<Facts> {
	const { usage = 0 } = await navigator.storage.estimate();
	return {
		usedMegabytes: (usage / MEGABYTE).toLocaleString("en", { maximumFractionDigits: 1 }),
		kept: await navigator.storage.persisted(),
	};
}

export function StoragePage() {
	const model = useModel();
	const { value: facts, again } = useAnswer(useCallback(readFacts, []));
	const { storage: say } = words;
	const keep = async () => {
		if (!(await navigator.storage.persist())) model.say(say.keepRefused);
		again();
	};
	return (
		<Pane title={words.settings.storage} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				<Part title={say.what} paragraphs={[say.whatText]} />
				<Part title={say.how} paragraphs={[say.howText, say.howNot]} />
				<Part title={say.gone} paragraphs={[say.goneText]}>
					{facts !== undefined && (
						<div className="mt-3 flex flex-col items-start gap-3">
							<p className="text-muted">
								{say.used(facts.usedMegabytes)} {facts.kept ? say.kept : say.notKept}
							</p>
							{!facts.kept && (
								<Button look="quiet" onClick={keep}>
									{say.keep}
								</Button>
							)}
						</div>
					)}
				</Part>
			</div>
		</Pane>
	);
}

interface PartProps {
	readonly title: string;
	readonly paragraphs: readonly string[];
	readonly children?: React.ReactNode;
}

function Part({ title, paragraphs, children }: PartProps) {
	return (
		<section>
			<h2 className="mb-1.5 font-bold text-base">{title}</h2>
			{paragraphs.map((paragraph) => (
				<p key={paragraph} className="mb-2">
					{paragraph}
				</p>
			))}
			{children}
		</section>
	);
}
