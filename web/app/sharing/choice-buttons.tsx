/** Yes and no to one purpose, with equal weight; neither is chosen until the person (or an opt-out policy) does. */
import { Check, X } from "lucide-react";
import { RadioGroup } from "radix-ui";
import { words } from "../words/words.ts";

export interface ChoiceButtonsProps {
	readonly title: string;
	readonly answer: boolean | undefined;
	readonly onAnswer: (granted: boolean) => void;
}

export function ChoiceButtons({ title, answer, onAnswer }: ChoiceButtonsProps) {
	const { choices: say } = words.sharing;
	return (
		<RadioGroup.Root
			value={answer === undefined ? "" : answer ? "allow" : "refuse"}
			onValueChange={(value) => onAnswer(value === "allow")}
			aria-label={title}
			className="grid grid-cols-2 gap-2"
		>
			<Item value="allow" label={say.allow} icon={<Check size={17} aria-hidden="true" />} />
			<Item value="refuse" label={say.refuse} icon={<X size={17} aria-hidden="true" />} />
		</RadioGroup.Root>
	);
}

interface ItemProps {
	readonly value: string;
	readonly label: string;
	readonly icon: React.ReactNode;
}

function Item({ value, label, icon }: ItemProps) {
	return (
		<RadioGroup.Item
			value={value}
			className="flex min-h-11 items-center justify-center gap-2 rounded-control px-3 py-2 font-semibold text-sm ring-1 ring-edge/60 ring-inset transition-colors hover:bg-hover data-[state=checked]:bg-plum-soft data-[state=checked]:text-plum data-[state=checked]:ring-2 data-[state=checked]:ring-plum [&>svg]:text-muted data-[state=checked]:[&>svg]:text-plum"
		>
			{icon}
			{label}
		</RadioGroup.Item>
	);
}
