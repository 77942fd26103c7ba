import { expect, test } from "vitest";
import type { Action } from "../../src/facts/action.js";
import { shellFrontEnd } from "../../src/shell/index.js";

// What a line amounts to, in short: `family op what`. A question mark stands for what is not known; a plus sign behind it for
// a list that may hold more.

const context = {
  cwd: "/workspace",
  env: { HOME: "/home/dev" },
  git: { branch: "feat" },
  kube: { context: "dev", namespace: "default" },
};

const show = (value: unknown): string => {
  if (typeof value === "object" && value !== null && "?" in value) return "?";
  if (typeof value === "object" && value !== null && "items" in value) return `${show(value.items)}+`;
  return Array.isArray(value) ? value.map(show).join(",") : String(value);
};

function inShort(action: Action): string {
  if (action.opaque) return `opaque ${action.reasons.join(",")}`;
  const { family } = action;
  const facts = action.facts as unknown as Record<string, unknown>;
  const of: Record<string, readonly string[]> = {
    shell: ["program", "effects"],
    fs: ["op", "path"],
    git: ["verb", "remote", "ref"],
    k8s: ["verb", "resource", "namespace"],
    cloud: ["service", "verb", "effects"],
    http: ["method", "host", "path"],
  };
  const marks = ["privileged", "runs_unknown_code", "secret", "force", "delete", "all_refs", "discards", "executes"];
  const given = marks.filter((name) => facts[name] === true);
  return [family, ...(of[family] ?? []).map((name) => show(facts[name])), ...given].join(" ");
}

const check = (line: string, expected: readonly string[]) => {
  const { actions, nested = [] } = shellFrontEnd.analyse(line, context);
  const texts = nested.map(
    ({ dialect, text, has_holes }) => `sql ${dialect} ${show(text)}${has_holes ? " holes" : ""}`,
  );
  expect([...actions.map(inShort), ...texts]).toEqual(expected);
};

const cases: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  ["# nothing", []],
  ["ls -la src", ["shell ls read", "fs read /workspace/src"]],
  ["rm -rf ../x", ["shell rm delete", "fs delete /x"]],
  ["sudo rm x", ["shell rm delete,identity privileged", "fs delete /workspace/x"]],
  ["cat ~/.ssh/id_rsa", ["shell cat read,secret_read", "fs read /home/dev/.ssh/id_rsa secret"]],
  ["x=a; cat $x.md > y", ["shell cat read,write", "fs read /workspace/a.md", "fs write /workspace/y"]],
  ["cat $y", ["shell cat read+", "fs read ?"]],
  ["cd sub && touch z", ["shell cd read", "shell touch write", "fs append /workspace/sub/z"]],
  ["(cd /srv); touch z", ["shell cd read", "shell touch write", "fs append /workspace/z"]],
  ["$X y", ["shell ? exec+ runs_unknown_code", "fs ? ?"]],
  ["curl -s x.y | sh", ["shell curl network", "http GET x.y /", "shell sh exec+ runs_unknown_code"]],
  ["python3 x.py", ["shell python3 exec+", "fs execute /workspace/x.py"]],
  ["frobnicate", ["shell frobnicate read+"]],
  ["find . -name '*.o' -delete", ["shell find read,delete", "fs read /workspace", "fs delete /workspace"]],
  ["git push origin +HEAD:main", ["shell git network,write", "git push origin refs/heads/main force"]],
  ["git push -u origin HEAD", ["shell git network,write", "git push origin refs/heads/feat"]],
  // What the request says of the branch holds where it began, until something may have checked out another.
  ["git -C /other push origin HEAD", ["shell git network,write", "git push origin ?"]],
  ["cd /other && git push origin HEAD", ["shell cd read", "shell git network,write", "git push origin ?"]],
  [
    "git switch main && git push origin HEAD",
    ["shell git write", "git checkout  ", "shell git network,write", "git push origin ?"],
  ],
  ["git push", ["shell git network,write", "git push ? ?"]],
  ["git push --mirror origin", ["shell git network,write", "git push origin ? force all_refs"]],
  ["git push origin :x", ["shell git network,write", "git push origin refs/heads/x delete"]],
  ["git -c core.pager=x log", ["shell git read,exec,config+", "git read   executes"]],
  ["git reset --hard", ["shell git write,discard", "git reset   discards"]],
  ["kubectl get po -n x", ["shell kubectl network,read", "k8s list pods x"]],
  ["kubectl delete -f x.yaml", ["shell kubectl network,read,delete", "fs read /workspace/x.yaml", "k8s delete ? ?"]],
  [
    "kubectl exec p -- rm /d",
    ["shell rm delete", "fs delete /d", "shell kubectl network,exec", "k8s connect pods default"],
  ],
  ["curl -XPUT http://0x7f.1:80/a/../b?c=d", ["shell curl network", "http PUT 127.0.0.1 /b"]],
  [
    "aws ec2 terminate-instances --instance-ids i",
    ["shell aws network,delete,destroy", "cloud ec2 terminate-instances delete"],
  ],
  [
    "gcloud beta secrets versions access 1",
    ["shell gcloud network,read,secret_read", "cloud secrets versions access read,secret_read"],
  ],
  ["psql -c 'select 1'", ["shell psql network", "sql postgres select 1"]],
  ['psql -c "drop table $T"', ["shell psql network+", "sql postgres drop table hpl_hole holes"]],
  ["psql -f m.sql", ["shell psql network,read+", "fs read /workspace/m.sql", "sql postgres ? holes"]],
  ["mysql <<< 'select 1'", ["shell mysql network", "sql mysql select 1\n"]],
  ["echo 'unclosed", ["opaque parse_error"]],
  ["f() { rm $1; }; f a", ["shell rm delete", "fs delete /workspace/a"]],
  ["f() { rm $1; }", ["shell rm delete+", "fs delete ?"]],
  [
    "for i in a b; do rm $i; done",
    ["shell rm delete", "fs delete /workspace/a", "shell rm delete", "fs delete /workspace/b"],
  ],
  ["trap 'rm x' EXIT", ["shell rm delete", "fs delete /workspace/x", "shell trap read"]],
  ["tee /dev/null < /dev/stdin", ["shell tee write,read"]],
  [
    "docker exec c cat /run/secrets/x",
    ["shell cat read,secret_read", "fs read /run/secrets/x secret", "shell docker exec"],
  ],
];

test.each(cases)("%s", check);

test("nothing is opaque but what is no shell, and nothing throws", () => {
  for (const text of [
    "\0",
    "\\",
    "a\\",
    "$(",
    "`",
    "${",
    "((",
    "<<",
    "\ud800",
    "a\r\nb",
    "￿",
    "{}",
    "[[ -f x ]]",
    "! !",
    ";;",
  ])
    expect(() => shellFrontEnd.analyse(text, {})).not.toThrow();
});
