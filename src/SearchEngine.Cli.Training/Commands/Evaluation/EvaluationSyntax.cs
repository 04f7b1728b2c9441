using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary><c>searchengine eval retrieval|fusion|rerank|compare|sts|classification|word|suite</c>.</summary>
internal static class EvaluationSyntax
{
    public static Command Build(CliConsole console) =>
        new("eval", "Measure quality on labelled sets")
        {
            Retrieval(console),
            Fusion(console),
            Rerank(console),
            Compare(console),
            Sts(console),
            Classification(console),
            Word(console),
            Suite(console),
        };

    private static Command Retrieval(CliConsole console)
    {
        var folder = new Argument<string>("DIR") { Description = "A BEIR-layout folder: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv" };
        var split = new Option<string?>("--split")
        {
            Description = "Which judgements: qrels/SPLIT.tsv (default: test)",
            HelpName = "SPLIT",
        };
        var mode = Choices.Mode();
        var run = new Option<string?>("--run-file") { Description = "Also write the rankings to FILE in TREC's format", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("retrieval", "nDCG@10, Recall@100, MRR@10 and MAP@100 through the whole engine, one chunk per document")
        {
            folder,
            split,
            mode,
            run,
            json,
        };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var rankers = Choices.ModeOf(parsed.GetValue(mode)) ?? settings.Search.Mode;
                var plan = new RetrievalPlan(
                    Path.GetFullPath(parsed.GetRequiredValue(folder)),
                    parsed.GetValue(split) ?? "test",
                    rankers,
                    parsed.GetValue(json),
                    parsed.GetValue(run) is { } file ? Path.GetFullPath(file) : null,
                    rankers == SearchMode.Keyword ? null : model.Resolve(parsed, settings),
                    settings
                );
                return new RetrievalCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Command Fusion(CliConsole console)
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "BEIR-layout folders: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv",
            Arity = ArgumentArity.OneOrMore,
        };
        var split = new Option<string?>("--split")
        {
            Description = "Which judgements: qrels/SPLIT.tsv (default: test)",
            HelpName = "SPLIT",
        };
        var write = new Option<bool>("--write")
        {
            Description = "Write the best weight into the model's folder (fusion.json), where searches with the model find it",
        };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("fusion", "The halves of a hybrid search and their fusions at every weight, as a table to choose by")
        {
            folders,
            split,
            write,
            json,
        };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = new FusionPlan(
                    [.. parsed.GetRequiredValue(folders).Select(Path.GetFullPath)],
                    parsed.GetValue(split) ?? "test",
                    parsed.GetValue(write),
                    parsed.GetValue(json),
                    model.Resolve(parsed, settings),
                    settings
                );
                return new FusionCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Command Rerank(CliConsole console)
    {
        var folders = new Argument<string[]>("DIR")
        {
            Description = "BEIR-layout folders: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv",
            Arity = ArgumentArity.OneOrMore,
        };
        var reranker = new Option<string>("--rerank")
        {
            Description = "The reranker: a model's folder, or 'late' for late interaction",
            HelpName = "MODEL",
            Required = true,
        };
        var candidates = Choices.Number("--rerank-top", "How many of the best hits it reads (default: 50)", minimum: 1);
        var split = new Option<string?>("--split")
        {
            Description = "Which judgements: qrels/SPLIT.tsv (default: test)",
            HelpName = "SPLIT",
        };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("rerank", "Hybrid search with a reranker at every weight, as a table to choose by")
        {
            folders,
            reranker,
            candidates,
            split,
            json,
        };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = new EvaluationRerankPlan(
                    [.. parsed.GetRequiredValue(folders).Select(Path.GetFullPath)],
                    parsed.GetValue(split) ?? "test",
                    parsed.GetValue(json),
                    parsed.GetValue(candidates),
                    model.Resolve(parsed, settings),
                    RerankPlan.Of(parsed.GetRequiredValue(reranker), settings.Embedding)
                        ?? throw new HostException("--rerank names no model."),
                    settings
                );
                return new RerankCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Command Compare(CliConsole console)
    {
        var folder = new Argument<string>("DIR") { Description = "The BEIR-layout folder that the rankings are of" };
        var runs = new Argument<string[]>("RUN")
        {
            Description = "Rankings in TREC's format, as 'eval retrieval --run-file' and other systems write them",
            Arity = ArgumentArity.OneOrMore,
        };
        var split = new Option<string?>("--split")
        {
            Description = "Which judgements: qrels/SPLIT.tsv (default: test)",
            HelpName = "SPLIT",
        };
        var json = CommonOptions.Json();
        var command = new Command("compare", "Measures of run files, and each one's difference to the first with its significance")
        {
            folder,
            runs,
            split,
            json,
        };
        command.SetAction(
            (parsed, _) =>
                Task.FromResult(
                    new CompareCommand(console).Run(
                        Path.GetFullPath(parsed.GetRequiredValue(folder)),
                        parsed.GetRequiredValue(runs),
                        parsed.GetValue(split) ?? "test",
                        parsed.GetValue(json)
                    )
                )
        );
        return command;
    }

    private static Command Sts(CliConsole console)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Tab-separated with the columns score, sentence1, sentence2",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("sts", "Semantic textual similarity: Spearman's correlation with people's scores") { files, json };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                new StsCommand(console).RunAsync(
                    parsed.GetRequiredValue(files),
                    model.Resolve(parsed, SettingsLoader.Load()),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Classification(CliConsole console)
    {
        var train = new Argument<string>("TRAIN") { Description = "Comma-separated with the columns text and category (or label)" };
        var test = new Argument<string>("TEST") { Description = "The same columns" };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("classification", "Accuracy of a logistic regression on frozen vectors") { train, test, json };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                new ClassificationCommand(console).RunAsync(
                    parsed.GetRequiredValue(train),
                    parsed.GetRequiredValue(test),
                    model.Resolve(parsed, SettingsLoader.Load()),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Word(CliConsole console)
    {
        var train = new Argument<string>("TRAIN") { Description = "CoNLL-U sentences with universal part-of-speech tags" };
        var test = new Argument<string>("TEST") { Description = "The same" };
        var model = new Option<string?>("--model")
        {
            Description = "The model's folder (default: the shipped models/default)",
            HelpName = "DIR",
        };
        var attention = Choices.Of("--attention", "Attention of the states: causal, bidirectional (default)", "causal", "bidirectional");
        var previous = new Option<bool>("--previous-position")
        {
            Description = "Represent token i by the state at i - 1, where MNTP predicts it",
        };
        var json = CommonOptions.Json();
        var command = new Command("word", "Accuracy of a linear probe for parts of speech on frozen token states")
        {
            train,
            test,
            model,
            attention,
            previous,
            json,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var folder = parsed.GetValue(model) ?? settings.Model;
                var plan = new WordPlan(
                    string.IsNullOrWhiteSpace(folder) ? DefaultModel.Find() : Path.GetFullPath(folder),
                    parsed.GetRequiredValue(train),
                    parsed.GetRequiredValue(test),
                    string.Equals(parsed.GetValue(attention), "causal", StringComparison.OrdinalIgnoreCase),
                    parsed.GetValue(previous),
                    parsed.GetValue(json)
                );
                return new WordCommand(console).RunAsync(plan, cancellationToken);
            }
        );
        return command;
    }

    private static Command Suite(CliConsole console)
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "A folder of sets: BEIR layout, *test.tsv, train.csv and test.csv, *.conllu",
        };
        var beside = new Option<string?>("--beside")
        {
            Description = "A second model, measured on the same sets, with the significance of what lies between",
            HelpName = "DIR",
        };
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("suite", "Every set in a folder, as a Markdown table (or JSON)") { folder, beside, json };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var settings = SettingsLoader.Load();
                var plan = model.Resolve(parsed, settings);
                return new SuiteCommand(console).RunAsync(
                    Path.GetFullPath(parsed.GetRequiredValue(folder)),
                    plan,
                    parsed.GetValue(beside) is { } other ? plan with { Folder = Path.GetFullPath(other), Adapters = [] } : null,
                    settings,
                    parsed.GetValue(json),
                    cancellationToken
                );
            }
        );
        return command;
    }
}
