import { testHints } from "./conformance/hints.ts";
import { openHints } from "./index.ts";

testHints({ name: "process", open: () => openHints({ kind: "process" }), patienceMs: 1 });
