/** Text with its web addresses as links. Nothing else of a message is ever markup. */
import type { ReactNode } from "react";

const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/g;

export function Linked({ text }: { readonly text: string }) {
	const parts: ReactNode[] = [];
	let at = 0;
	for (const match of text.matchAll(ADDRESS)) {
		parts.push(text.slice(at, match.index));
		parts.push(
			<a
				key={match.index}
				href={match[0]}
				target="_blank"
				rel="noopener noreferrer"
				className="underline decoration-current/50 underline-offset-2 hover:decoration-current"
			>
				{match[0]}
			</a>,
		);
		at = match.index + match[0].length;
	}
	parts.push(text.slice(at));
	return <>{parts}</>;
}
