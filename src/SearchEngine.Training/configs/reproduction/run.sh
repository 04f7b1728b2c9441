#!/usr/bin/env bash
# The directions of LLM2Vec on a small model of our own: trains seven models in a row, evaluates them, prints a Markdown table.
#
#   src/SearchEngine.Training/configs/reproduction/run.sh DATA [train|evaluate|all]
#
# DATA holds train/ (wikipedia.jsonl.xz, medquad.jsonl.xz, wikisplit.tsv.xz) and eval/ (sts, scifact, banking77, pos).
# Needs bash, xz and spm_train. SEARCHENGINE names the command line to use; by default it is built and run from source.
# A step that was interrupted goes on from its checkpoint; one that is done is left alone.
set -euo pipefail
sets=${1:?usage: run.sh DATA [train|evaluate|all]}
what=${2:-all}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trainer=$(cd "$here/../.." && pwd)
output=$trainer/output/reproduction
read -ra cli <<< "${SEARCHENGINE:-dotnet run -c Release --project $trainer/../SearchEngine.Cli.Training --}"
mkdir -p "$trainer/data" "$output/eval" "$output/scores"

unpack() { [[ -e $2 ]] || { xz -dkc "$1" > "$2.part" && mv "$2.part" "$2"; }; }

step() { # VERB CONFIG OUTPUT
  [[ -e $output/$3/done ]] && return
  echo "== $2" >&2
  "${cli[@]}" train "$1" --config "$here/$2.json" --resume
  touch "$output/$3/done"
}

train() {
  for file in wikipedia.jsonl medquad.jsonl wikisplit.tsv; do unpack "$sets/train/$file.xz" "$trainer/data/$file"; done
  [[ -e $output/tokenizer/tokenizer.model ]] || "${cli[@]}" train tokenizer --config "$here/tokenizer.json"
  step pretrain 1-pretrain base
  step mntp 2-mntp mntp
  step simcse 3-simcse simcse
  step simcse 4-simcse-without-mntp simcse-without-mntp
  step contrastive 5-supervised supervised
  step contrastive 6-supervised-without-mntp supervised-without-mntp
  "${cli[@]}" train plot "$output/base" "$output/mntp" --output "$output/language-model.svg"
  "${cli[@]}" train plot "$output/simcse" "$output/simcse-without-mntp" "$output/supervised" "$output/supervised-without-mntp" --output "$output/contrastive.svg"
}

score() { # NAME, then a command of the command line; prints the first number of its JSON
  local file=$output/scores/$1.json
  shift
  [[ -s $file ]] || { "${cli[@]}" "$@" --json > "$file.part" && mv "$file.part" "$file"; }
  grep -oE '[0-9]+\.[0-9]+(E-?[0-9]+)?' "$file" | head -1
}

row() { # TITLE MODEL ATTENTION POOLING
  local name=$2-$3-$4 model=(--model "$output/$2" --attention "$3") pooled sts scifact banking words before
  pooled=("${model[@]}" --pooling "$4")
  [[ -e $output/$2/done ]] || { echo "$output/$2 is not trained to its end: run 'train' first." >&2; exit 1; }
  sts=$(score "$name-sts" eval sts "$sets/eval/sts/stsb.test.tsv" "${pooled[@]}")
  scifact=$(score "$name-scifact" eval retrieval "$output/eval/scifact" --mode vector "${pooled[@]}")
  banking=$(score "$name-banking77" eval classification "$sets/eval/banking77/train.csv" "$sets/eval/banking77/test.csv" "${pooled[@]}")
  words=$(score "$2-$3-words" eval word "$output/eval/train.conllu" "$output/eval/test.conllu" "${model[@]}")
  before=$(score "$2-$3-words-before" eval word "$output/eval/train.conllu" "$output/eval/test.conllu" --previous-position "${model[@]}")
  printf '| %s | %.3f | %.3f | %.3f | %.4f | %.4f |\n' "$1" "$sts" "$scifact" "$banking" "$words" "$before"
}

evaluate() {
  mkdir -p "$output/eval/scifact"
  cp -r "$sets/eval/scifact/queries.jsonl" "$sets/eval/scifact/qrels" "$output/eval/scifact/"
  unpack "$sets/eval/scifact/corpus.jsonl.xz" "$output/eval/scifact/corpus.jsonl"
  unpack "$sets/eval/pos/en_ewt-ud-train.rebuilt.conllu.xz" "$output/eval/train.conllu"
  unpack "$sets/eval/pos/en_ewt-ud-test.conllu.xz" "$output/eval/test.conllu"
  export SEARCHENGINE_EMBEDDING__MAXLENGTH=128 # as long as the sequences of the training
  {
    echo '| model | STS-B test | SciFact, vector | Banking77 | UPOS, state at i | UPOS, state at i − 1 |'
    echo '|---|---|---|---|---|---|'
    row 'causal, weighted mean' base causal weighted_mean
    row 'causal, mean' base causal mean
    row 'bidirectional, untrained' base bidirectional mean
    row '+ MNTP' mntp bidirectional mean
    row '+ MNTP + SimCSE' simcse bidirectional mean
    row '+ SimCSE without MNTP' simcse-without-mntp bidirectional mean
    row '+ MNTP + supervised' supervised bidirectional mean
    row '+ supervised without MNTP' supervised-without-mntp bidirectional mean
  } | tee "$output/table.md"
}

case $what in
  train) train ;;
  evaluate) evaluate ;;
  all) train; evaluate ;;
  *) echo "The second argument is train, evaluate or all." >&2; exit 2 ;;
esac
