/** Any message of the contract with a value in every field. */
import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";

/** Bytes that are the same each time and look like nothing. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
	return Uint8Array.from({ length }, (_, i) => (i * 37 + 11) % 251);
}

/** Lists have two items; messages inside messages go three deep. */
export function filled(schema: DescMessage, depth = 0): MessageShape<DescMessage> {
	const message = reflect(schema, create(schema));
	for (const field of schema.fields) {
		if (field.fieldKind === "list") {
			for (let n = 0; n < 2; n++) message.get(field).add(sampleOf(field, depth) as never);
		} else if (field.fieldKind !== "map" && (field.message === undefined || depth < 3)) {
			message.set(field, sampleOf(field, depth) as never);
		}
	}
	return message.message;
}

function sampleOf(field: DescField, depth: number): unknown {
	const message = field.fieldKind === "message" || field.fieldKind === "list" ? field.message : undefined;
	if (message !== undefined) return reflect(message, depth < 3 ? filled(message, depth + 1) : create(message));
	if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) return 1;
	switch (field.fieldKind === "scalar" || field.fieldKind === "list" ? field.scalar : undefined) {
		case ScalarType.STRING:
			return "+15550100001";
		case ScalarType.BOOL:
			return true;
		case ScalarType.BYTES:
			return someBytes(/id$|^log$|conversation/i.test(field.name) ? 16 : 32);
		case ScalarType.INT64:
		case ScalarType.UINT64:
			return 1_795_000_000_000n;
		case ScalarType.DOUBLE:
		case ScalarType.FLOAT:
			return 0.5;
		default:
			return 300;
	}
}
