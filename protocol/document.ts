/** Writes `docs/protocol.md` from the schemas and their comments: the page can not say anything else than the code. */
import type {
	DescriptorProto,
	EnumDescriptorProto,
	FieldDescriptorProto,
	FileDescriptorProto,
	FileDescriptorSet,
	ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type } from "@bufbuild/protobuf/wkt";
import { LABELS } from "./labels.ts";
import { CLOSE, LIMITS, PROTOCOL_VERSION, SUBPROTOCOL } from "./limits.ts";
import { CATALOGUE } from "./purposes.ts";
import { ROUTES } from "./routes.ts";

/** The order in which a reader needs the files. */
const ORDER = ["server", "accounts", "identity", "terms", "conversations", "stream", "entry", "content", "error"];

/** Field numbers inside descriptor.proto, from which source paths are made. */
const PATH = { message: 4, enum: 5, service: 6, field: 2, nested: 3, value: 2, method: 2 } as const;

/**
 * The whole page as Markdown.
 * @param limitsSource the text of `limits.ts`, whose comments explain the numbers
 */
export function documentContract(set: FileDescriptorSet, limitsSource: string): string {
	const files = set.file
		.filter((file) => file.package === "troth.v1")
		.sort((a, b) => ORDER.indexOf(stem(a)) - ORDER.indexOf(stem(b)));
	return [
		"# The protocol\n",
		"Generated from `protocol/` by `npm run generate`; do not edit. Protocol version " +
			`${PROTOCOL_VERSION}, WebSocket subprotocol \`${SUBPROTOCOL}\`. Services speak Connect (binary or JSON) at ` +
			"`/troth.v1.<Service>/<Method>`; ids are 16 random bytes; times are UTC milliseconds.\n",
		routes(),
		...files.map(documentFile),
		limits(limitsSource),
		labels(),
		catalogue(),
	].join("\n");
}

function stem(file: FileDescriptorProto): string {
	return file.name.replace(/^.*\//, "").replace(".proto", "");
}

function documentFile(file: FileDescriptorProto): string {
	const comments = new Map<string, string>();
	for (const location of file.sourceCodeInfo?.location ?? []) {
		const text = location.leadingComments || location.trailingComments;
		if (text) comments.set(location.path.join("."), text.trim().replaceAll(/\s*\n\s*/g, " "));
	}
	const comment = (...path: readonly number[]) => comments.get(path.join(".")) ?? "";
	return [
		`## ${stem(file)}\n`,
		...file.service.map((service, i) => documentService(service, (...path) => comment(PATH.service, i, ...path))),
		...file.messageType.map((message, i) => documentMessage(message, (...path) => comment(PATH.message, i, ...path))),
		...file.enumType.map((type, i) => documentEnum(type, (...path) => comment(PATH.enum, i, ...path))),
	].join("\n");
}

type Comment = (...path: readonly number[]) => string;

function documentService(service: ServiceDescriptorProto, comment: Comment): string {
	const rows = service.method.map(
		(method, i) =>
			`| \`${method.name}\` | \`${short(method.inputType)}\` | \`${short(method.outputType)}\` | ${cell(comment(PATH.method, i))} |`,
	);
	return block(`### ${service.name}`, comment(), "| method | takes | gives | |", rows);
}

function documentMessage(message: DescriptorProto, comment: Comment): string {
	const rows = message.field.map((field, i) => {
		const choice = field.oneofIndex !== undefined && hasOneof(message, field) ? " _(one of)_" : "";
		return `| ${field.number} | \`${field.name}\`${choice} | ${typeOf(field)} | ${cell(comment(PATH.field, i))} |`;
	});
	const header = rows.length > 0 ? "| | field | type | |" : "";
	return block(`### ${message.name}`, comment(), header, rows);
}

function hasOneof(message: DescriptorProto, field: FieldDescriptorProto): boolean {
	return message.oneofDecl.length > 0 && field.oneofIndex >= 0 && Object.hasOwn(field, "oneofIndex");
}

function documentEnum(type: EnumDescriptorProto, comment: Comment): string {
	const rows = type.value
		.map((value, i) => ({ value, text: comment(PATH.value, i) }))
		.filter(({ value }) => value.number !== 0)
		.map(({ value, text }) => `| ${value.number} | \`${withoutPrefix(type.name, value.name)}\` | ${cell(text)} |`);
	return block(`### ${type.name}`, comment(), "| | name | |", rows);
}

function withoutPrefix(enumName: string, valueName: string): string {
	return valueName.slice(enumName.replaceAll(/([a-z])([A-Z])/g, "$1_$2").length + 1);
}

function block(title: string, text: string, header: string, rows: readonly string[]): string {
	const table = header === "" ? [] : [header, header.replaceAll(/[^|]+/g, "---"), ...rows, ""];
	return [title, "", ...(text === "" ? [] : [text, ""]), ...table].join("\n");
}

const SCALARS: Partial<Record<FieldDescriptorProto_Type, string>> = {
	[FieldDescriptorProto_Type.BYTES]: "bytes",
	[FieldDescriptorProto_Type.STRING]: "string",
	[FieldDescriptorProto_Type.BOOL]: "bool",
	[FieldDescriptorProto_Type.UINT32]: "uint32",
	[FieldDescriptorProto_Type.INT64]: "int64",
};

function typeOf(field: FieldDescriptorProto): string {
	const name = SCALARS[field.type] ?? `[${short(field.typeName)}](#${short(field.typeName).toLowerCase()})`;
	return field.label === FieldDescriptorProto_Label.REPEATED ? `${name}, repeated` : name;
}

function short(typeName: string): string {
	return typeName.replace(/^.*\./, "");
}

function cell(text: string): string {
	return text.replaceAll("|", "\\|");
}

function routes(): string {
	const rows = Object.entries(ROUTES).map(([name, path]) => `| ${name} | \`${path}\` |`);
	const codes = Object.entries(CLOSE).map(([name, code]) => `| ${name} | ${code} |`);
	return [
		"## Paths and close codes\n",
		"| | path |\n|---|---|",
		...rows,
		"",
		"| the stream closes with | code |\n|---|---|",
		...codes,
		"",
	].join("\n");
}

function limits(source: string): string {
	const rows = Object.entries(LIMITS).map(([name, value]) => {
		const found = new RegExp(`/\\*\\* ([^*]*) \\*/\\n\\t${name}:`).exec(source);
		return `| \`${name}\` | ${value.toLocaleString("en").replaceAll(",", " ")} | ${found?.[1] ?? ""} |`;
	});
	return ["## Limits\n", "| | value | |\n|---|---|---|", ...rows, ""].join("\n");
}

function labels(): string {
	const rows = Object.entries(LABELS).map(([name, label]) => `| ${name} | \`${label}\` |`);
	return ["## Signature labels\n", "| a signature for | label |\n|---|---|", ...rows, ""].join("\n");
}

function catalogue(): string {
	const rows = Object.entries(CATALOGUE).map(
		([purpose, row]) => `| \`${purpose}\` | ${row.bases.join(", ")} | ${row.fields.join(", ")} | ${row.identity} |`,
	);
	return [
		"## What may ever be shared\n",
		"The catalogue of purposes. Version 1 of the terms shares nothing; nothing outside this table can be shared at all.\n",
		"| purpose | basis | fields | identity at the recipient |\n|---|---|---|---|",
		...rows,
		"",
	].join("\n");
}
