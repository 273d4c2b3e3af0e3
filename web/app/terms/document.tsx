/** A document of the terms, set for reading. */

import { type Block, type Inline, readMarkdown } from "@troth/protocol/terms-markdown.ts";
import type { ReactNode } from "react";

export function TermsDocument({ body }: { readonly body: string }) {
	return <div className="flex flex-col gap-3 text-sm">{keyed(readMarkdown(body), renderBlock)}</div>;
}

/** The parts of a parsed document have no identity but their place, and never move. */
function keyed<T>(parts: readonly T[], render: (part: T) => ReactNode): readonly ReactNode[] {
	return parts.map((part, place) => <Keyed key={`part-${place.toString()}`}>{render(part)}</Keyed>);
}

function Keyed({ children }: { readonly children: ReactNode }) {
	return children;
}

function renderBlock(block: Block): ReactNode {
	switch (block.kind) {
		case "heading": {
			const text = keyed(block.children, renderInline);
			if (block.level === 1) return <h3 className="font-bold text-lg">{text}</h3>;
			return <h4 className="mt-3 font-semibold text-base">{text}</h4>;
		}
		case "paragraph":
			return <p>{keyed(block.children, renderInline)}</p>;
		case "list": {
			const items = keyed(block.items, (item) => <li className="pl-1">{keyed(item, renderInline)}</li>);
			return block.ordered ? (
				<ol className="flex list-decimal flex-col gap-1.5 pl-6">{items}</ol>
			) : (
				<ul className="flex list-disc flex-col gap-1.5 pl-5 marker:text-brass-fill">{items}</ul>
			);
		}
		case "table":
			return (
				<div className="overflow-x-auto">
					<table className="w-full border-collapse text-left">
						<thead>
							<tr>
								{keyed(block.head, (cell) => (
									<th scope="col" className="border-edge border-b py-1.5 pr-3 align-bottom font-semibold">
										{keyed(cell, renderInline)}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{keyed(block.rows, (row) => (
								<tr>
									{keyed(row, (cell) => (
										<td className="border-line border-b py-1.5 pr-3 align-top">{keyed(cell, renderInline)}</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			);
		case "rule":
			return <hr className="border-line" />;
	}
}

function renderInline(part: Inline): ReactNode {
	switch (part.kind) {
		case "text":
			return part.text;
		case "strong":
			return <strong className="font-semibold">{keyed(part.children, renderInline)}</strong>;
		case "em":
			return <em>{keyed(part.children, renderInline)}</em>;
		case "code":
			return <code className="rounded-[4px] bg-hover px-1">{part.text}</code>;
		case "link":
			return (
				<a href={part.href} target="_blank" rel="noreferrer" className="text-plum underline underline-offset-2">
					{keyed(part.children, renderInline)}
				</a>
			);
	}
}
