import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type Fragment, Interface, ZeroAddress } from "ethers";
import { createElement, type ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Router } from "wouter";
import { fragments } from "../../console/src/chain/abi.ts";
import { chainNames } from "../../console/src/chain/integrity.ts";
import { agreementId, descriptionHash, policyHash, signingRequest } from "../../console/src/chain/terms.ts";
import { readRows } from "../../console/src/import/sample.ts";
import { fill } from "../../console/src/language/fill.ts";
import { LanguageProvider } from "../../console/src/language/language.tsx";
import type { Pair } from "../../console/src/language/pair.ts";
import { texts } from "../../console/src/language/texts.ts";
import { shownDays } from "../../console/src/overview/shownDays.ts";
import { Facts } from "../../console/src/parts/Facts.tsx";
import { Hash } from "../../console/src/parts/Hash.tsx";
import { Rows } from "../../console/src/parts/Rows.tsx";
import { Told, ToldLines } from "../../console/src/parts/Told.tsx";
import { Basis } from "../../console/src/verifier/Basis.tsx";
import { contractsAbi } from "../../console/src/verifier/chain.ts";
import { canonicalSignature } from "../../console/src/wallet/signature.ts";
import { toCsv } from "../../console/src/workbench/csv.ts";
import { interfaces } from "../../server/chain/interfaces.ts";
import { readExamples } from "../support/formatExamples.ts";

describe("texts", () => {
  it("stand in both languages, with the same values to fill in", () => {
    const values = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();
    for (const [key, [english, chinese]] of Object.entries(texts)) {
      expect(english.trim(), key).not.toBe("");
      expect(chinese.trim(), key).not.toBe("");
      expect(values(chinese), key).toEqual(values(english));
    }
  });

  it("name every event of participants, datasets, agreements and logs", () => {
    const { Authority: _, ...contracts } = interfaces;
    for (const contract of Object.values(contracts))
      contract.forEachEvent(({ name }) => expect(Object.keys(texts)).toContain(`event.${name}`));
  });

  it("are Chinese in Chinese", () => {
    const isName = (text: string): boolean => /^[\x20-\x7e·]*$/.test(text);
    const same = Object.entries<Pair>(texts).filter(([, [english, chinese]]) => chinese === english || isName(chinese));
    expect(same.map(([key]) => key).sort()).toEqual(["agreements.uses.value"]);
  });
});

describe("a value", () => {
  const translated = (children: ReactElement): ReactElement => createElement(LanguageProvider, { children });
  const shown = (value: ReactElement): string => {
    const children = translated(value);
    return renderToStaticMarkup(createElement(Router, { ssrPath: "/", children }));
  };
  const cells = (value: string | null): string =>
    shown(
      createElement(Rows<string>, {
        caption: "c",
        columns: [{ title: "t", show: () => value }],
        rows: ["r"],
        keyOf: String,
      }),
    );

  it("that is missing is a dash, in tables and beside names", () => {
    for (const none of ["", null]) {
      expect(cells(none)).toContain('<td data-title="t">–</td>');
      expect(shown(createElement(Facts, { of: [["t", none]] }))).toContain("<dd>–</dd>");
    }
    expect(cells("0")).toContain(">0</td>");
  });

  it("that is an id is short, whole in its title, and leads to its page", () => {
    const id = `0x${"ab".repeat(32)}`;
    const written = shown(createElement(Hash, { of: id, href: `/agreements/${id}` }));
    expect(written).toContain(`<a href="/agreements/${id}">0xabababab…abab</a>`);
    expect(written).toContain(`title="${id}"`);
  });
});

describe("the days of a chart", () => {
  const today = new Date("2026-03-01T00:30:00Z");

  it("are the last thirty, used or not, and none if no day was used", () => {
    const days = shownDays(["2026-02-03", "2026-02-03"], today);
    expect([days.length, days[0], days.at(-1)]).toEqual([30, "2026-01-31", "2026-03-01"]);
    expect(shownDays([], today)).toEqual([]);
  });

  it("leave out no day that was used, whatever this machine's clock says", () => {
    expect(shownDays(["2026-03-02"], today).at(-1)).toBe("2026-03-02");
  });
});

describe("formulaCells: CSV", () => {
  it.each([
    ["=1+1", `"'=1+1"`],
    ["+SUM(A1)", `"'+SUM(A1)"`],
    ["-cmd|' /C calc'!A0", `"'-cmd|' /C calc'!A0"`],
    ["@import", `"'@import"`],
    ["\tx", `"'\tx"`],
    ["-3.25", "-3.25"],
    ["+7", "+7"],
    ['a "quoted", text', '"a ""quoted"", text"'],
    [" =1+1", `"' =1+1"`],
    ["\u0000=1+1", `"'\u0000=1+1"`],
    ["\u200b=1+1", `"'\u200b=1+1"`],
    ["\uff1d1+1", `"'\uff1d1+1"`],
    ["|cmd", `"'|cmd"`],
    ["\nx", `"'\nx"`],
    [null, ""],
    [true, "true"],
  ])("writes %s inertly", (cell, written) => {
    const csv = toCsv({ columns: [{ name: "=x", type: "Text" }], rows: [[cell]] });
    expect(csv).toBe(`\uFEFF"'=x"\r\n${written}\r\n`);
  });
});

describe("what the console says to the contracts", () => {
  const known = Object.values(interfaces);
  const formsOf = (all: readonly Fragment[]): string[] =>
    all
      .filter(({ type }) => type !== "constructor")
      .map((fragment) => `${fragment.type} ${fragment.format("sighash")}`);
  const compiled = known.flatMap(({ fragments: all }) => formsOf(all));

  it.each(Object.entries(fragments))("is what %s understands", (_name, lines) => {
    for (const form of formsOf(new Interface(lines).fragments)) expect(compiled).toContain(form);
  });

  it("is so in the verifier too", () => {
    for (const form of formsOf(contractsAbi.fragments)) expect(compiled).toContain(form);
  });
});

describe("digests", () => {
  it("of terms, description, policy and signature are those of docs/formats.md", () => {
    const { agreement, manifest } = readExamples();
    const registry = { chainId: 31_337, verifyingContract: manifest.contracts.AgreementRegistry.address };
    expect(agreementId(agreement.terms, registry)).toBe(agreement.id);
    expect(policyHash(agreement.policy)).toBe(agreement.terms.policy);
    expect(descriptionHash(agreement.description)).toBe(agreement.descriptionHash);
    const { digest, typedData } = signingRequest(agreement.terms, agreement.capacity, agreement.signer, registry);
    expect(digest).toBe(agreement.digestToSign);
    expect(JSON.parse(typedData).message.terms.minCohort).toBe(String(agreement.terms.minCohort));
  });
});

describe("text of others", () => {
  it.each([
    ["rows \u202e1 = year\u202c", "rows \ufffd1 = year\ufffd"],
    ["\u2066a\u2069 \u200bb\u200d\ufeff \u00ad", "\ufffda\ufffd \ufffdb\ufffd\ufffd \ufffd"],
    ["a\u3164b\u2028c\u0000d\ne\t", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"],
    ["Clínica 市第一医院 مستشفى", "Clínica 市第一医院 مستشفى"],
  ])("shows what is hidden in %j, and stands apart", (text, shown) => {
    expect(renderToStaticMarkup(createElement(Told, { of: text }))).toBe(`<bdi>${shown}</bdi>`);
  });

  it("keeps its lines where it has some", () => {
    const shown = renderToStaticMarkup(createElement(ToldLines, { of: "a\r\nb\n\tc\u202ed\r" }));
    expect(shown).toBe('<pre class="text">a\nb\n\tc\ufffdd\ufffd</pre>');
  });
});

describe("names of participants", () => {
  const { manifest } = readExamples();
  const id = `0x${"11".repeat(32)}`;
  const provider = {
    request: async () =>
      interfaces.ParticipantRegistry.encodeFunctionResult("participant", [
        {
          roles: 1,
          admittedAt: 1,
          suspendedAt: 0,
          key: ZeroAddress,
          hospital: id,
          registrationNumber: "R",
          name: "Broker",
        },
      ]),
  };

  it("are those that the chain tells through the wallet", async () => {
    expect(await chainNames(provider, manifest, [{ id, name: "Broker" }])).toBe(true);
    const told = [
      { id, name: "Broker" },
      { id, name: "National Research Institute" },
    ];
    expect(await chainNames(provider, manifest, told)).toBe(false);
  });
});

describe("a verdict", () => {
  const { manifest } = readExamples();
  const basisOf = (isDemo: boolean): string => {
    const chain = { name: "Wallet W", isDemo, ask: () => Promise.resolve(null) };
    const basis = createElement(Basis, { manifest, chain });
    const children = createElement(QueryClientProvider, { client: new QueryClient() }, basis);
    return renderToStaticMarkup(createElement(LanguageProvider, { children }));
  };

  it("names the chain and the contract it rests on, and a demo identity that was asked", () => {
    for (const isDemo of [true, false]) {
      const shown = basisOf(isDemo);
      expect(shown).toContain(String(manifest.chainId));
      expect(shown).toContain(manifest.contracts.AccessLog.address);
      expect(shown.includes("Wallet W")).toBe(isDemo);
    }
  });
});

describe("signatures of wallets", () => {
  it("are brought into the one accepted form, or refused", () => {
    const body = "AB".repeat(64);
    expect(canonicalSignature(`0x${body}00`)).toBe(`0x${body.toLowerCase()}1b`);
    expect(canonicalSignature(`0x${body}1C`)).toBe(`0x${body.toLowerCase()}1c`);
    expect(() => canonicalSignature("0x")).toThrow();
    expect(() => canonicalSignature(`0x${body}`)).toThrow();
  });
});

describe("a text with values", () => {
  it("has the word that goes with one, or with any other number", () => {
    const text = "{entries} {entries|entry|entries}";
    expect(["0", "1", "1,000"].map((entries) => fill(text, { entries }))).toEqual([
      "0 entries",
      "1 entry",
      "1,000 entries",
    ]);
  });
});

describe("CSV that is looked at", () => {
  it.each([
    [
      "a,b\r\n1,2\r\n",
      ",",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\ufeffa;b\n\n1;\n",
      ";",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    [
      'a,b\n"x, ""y""\nz",2',
      ",",
      [
        ["a", "b"],
        ['x, "y"\nz', "2"],
      ],
    ],
    [
      "a|b\n1|2",
      "|",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["a\n1\n2", ",", [["a"], ["1"], ["2"]]],
    [
      "a,b\n1,",
      ",",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
  ])("%j has its records", (text, delimiter, rows) => {
    expect(readRows(text, delimiter)).toEqual(rows);
  });

  it("is refused where a quotation mark stands amiss", () => {
    expect(() => readRows('a,b\n"x"y,2', ",")).toThrow(TypeError);
  });
});
