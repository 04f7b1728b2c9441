using System.CommandLine;
using System.Globalization;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>The command "ann" and its subcommands: options to plans, nothing else.</summary>
internal static class AnnCommand
{
    public static Command Create()
    {
        var basePath = new Option<string>("--base") { Description = "Base vectors (fvecs).", Required = true };
        var queryPath = new Option<string>("--query") { Description = "Query vectors (fvecs).", Required = true };
        var truthPath = new Option<string>("--truth")
        {
            Description = "True neighbours of each query (ivecs), at least 10.",
            Required = true,
        };
        var metric = MetricOption();
        var quantizer = QuantizerOption();
        var m = new Option<int>("--m") { DefaultValueFactory = _ => VectorIndexOptions.DefaultM };
        var efConstruction = new Option<int>("--ef-construction") { DefaultValueFactory = _ => VectorIndexOptions.DefaultEfConstruction };
        var ef = new Option<string>("--ef")
        {
            Description = "Beam widths, separated by commas.",
            DefaultValueFactory = _ => "10,20,40,80,120,200,400",
        };
        var threads = new Option<int>("--threads") { Description = "Threads that search.", DefaultValueFactory = _ => 1 };
        var buildThreads = new Option<int>("--build-threads") { DefaultValueFactory = _ => 1 };
        var rerank = new Option<int>("--rerank")
        {
            Description = "Candidates to re-rank: 0 automatic, -1 none.",
            DefaultValueFactory = _ => 0,
        };
        var slack = new Option<string?>("--slack")
        {
            Description =
                "Slacks of adaptive searches, separated by commas, each measured with every --ef as the widest beam. Without it every search spends its whole beam.",
        };
        var json = JsonOption();
        var index = new Option<string?>("--index")
        {
            Description = "File of a built index: read if it exists, otherwise written after building.",
        };
        var compact = CompactOption();
        var graph = new Option<string?>("--graph")
        {
            Description = "File of an index of another quantizer: its graph is taken over with new codes instead of building.",
        };
        var ann = new Command("ann", "Builds a graph index and measures recall@10 against speed.")
        {
            basePath,
            queryPath,
            truthPath,
            metric,
            quantizer,
            m,
            efConstruction,
            ef,
            threads,
            buildThreads,
            rerank,
            json,
            index,
            compact,
            graph,
            slack,
        };
        ann.SetAction(r =>
            AnnRun.Run(
                new AnnPlan(
                    r.GetValue(basePath)!,
                    r.GetValue(queryPath)!,
                    r.GetValue(truthPath)!,
                    ParseMetric(r.GetValue(metric)!),
                    ParseQuantizer(r.GetValue(quantizer)!),
                    r.GetValue(m),
                    r.GetValue(efConstruction),
                    ParseList(r.GetValue(ef)!),
                    r.GetValue(threads),
                    r.GetValue(buildThreads),
                    r.GetValue(rerank),
                    r.GetValue(json),
                    r.GetValue(index),
                    r.GetValue(compact),
                    r.GetValue(graph),
                    ParseNumbers(r.GetValue(slack) ?? "0")
                )
            )
        );
        ann.Subcommands.Add(Generate());
        ann.Subcommands.Add(Filter());
        ann.Subcommands.Add(Churn());
        ann.Subcommands.Add(Scale());
        ann.Subcommands.Add(Embed());
        ann.Subcommands.Add(Plot());
        return ann;
    }

    private static Command Generate()
    {
        var output = new Option<string>("--output")
        {
            Description = "Directory for base.fvecs, query.fvecs and truth.ivecs.",
            Required = true,
        };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 100_000 };
        var queries = new Option<int>("--queries") { DefaultValueFactory = _ => 1000 };
        var dimension = new Option<int>("--dimension") { DefaultValueFactory = _ => 128 };
        var clusters = new Option<int>("--clusters") { Description = "0: one per 100 vectors.", DefaultValueFactory = _ => 0 };
        var spread = new Option<double>("--spread")
        {
            Description = "Length of the noise around a centre of length 1.",
            DefaultValueFactory = _ => 1.25,
        };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var metric = MetricOption();
        var kind = new Option<string>("--kind")
        {
            Description =
                "even: groups of one size and width. uneven: sizes by a power law, widths and directions of each group's own, one vector in seven between two.",
            DefaultValueFactory = _ => "even",
        };
        kind.AcceptOnlyFromAmong("even", "uneven");
        var command = new Command("generate", "Makes clustered unit vectors, queries of the same distribution and their true neighbours.")
        {
            output,
            count,
            queries,
            dimension,
            clusters,
            spread,
            seed,
            metric,
            kind,
        };
        command.SetAction(r =>
        {
            int n = r.GetValue(count),
                c = r.GetValue(clusters);
            var uneven = r.GetValue(kind) == "uneven";
            c = c == 0 ? Math.Max(1, n / (uneven ? 200 : 100)) : c;
            (var rows, var q) = uneven
                ? AnnUneven.Make(n, r.GetValue(queries), r.GetValue(dimension), c, r.GetValue(spread), r.GetValue(seed))
                : AnnData.Clustered(n, r.GetValue(queries), r.GetValue(dimension), c, r.GetValue(spread), r.GetValue(seed));
            var directory = r.GetValue(output)!;
            Directory.CreateDirectory(directory);
            VectorFile.Write(Path.Combine(directory, "base.fvecs"), rows);
            VectorFile.Write(Path.Combine(directory, "query.fvecs"), q);
            VectorFile.Write(Path.Combine(directory, "truth.ivecs"), AnnData.Truth(rows, q, ParseMetric(r.GetValue(metric)!), 100));
            return 0;
        });
        return command;
    }

    private static Command Filter()
    {
        var basePath = new Option<string>("--base") { Required = true };
        var queryPath = new Option<string>("--query") { Required = true };
        var metric = MetricOption();
        var quantizer = QuantizerOption();
        var index = new Option<string?>("--index");
        var ef = new Option<int>("--ef") { DefaultValueFactory = _ => VectorIndexOptions.DefaultEfSearch };
        var command = new Command(
            "filter",
            "Recall and speed under filters of several selectivities: random, correlated and anti-correlated with the query, beside the exact scan."
        )
        {
            basePath,
            queryPath,
            metric,
            quantizer,
            index,
            ef,
        };
        command.SetAction(r =>
            AnnFilter.Run(
                r.GetValue(basePath)!,
                r.GetValue(queryPath)!,
                ParseMetric(r.GetValue(metric)!),
                ParseQuantizer(r.GetValue(quantizer)!),
                r.GetValue(index),
                r.GetValue(ef)
            )
        );
        return command;
    }

    private static Command Churn()
    {
        var basePath = new Option<string>("--base") { Required = true };
        var queryPath = new Option<string>("--query") { Required = true };
        var truthPath = new Option<string>("--truth") { Required = true };
        var metric = MetricOption();
        var quantizer = QuantizerOption();
        var index = new Option<string?>("--index");
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5 };
        var buildThreads = new Option<int>("--build-threads") { DefaultValueFactory = _ => 0 };
        var command = new Command("churn", "Deletes and re-inserts half of the vectors again and again, repairing in between.")
        {
            basePath,
            queryPath,
            truthPath,
            metric,
            quantizer,
            index,
            rounds,
            buildThreads,
        };
        command.SetAction(r =>
            AnnChurn.Run(
                r.GetValue(basePath)!,
                r.GetValue(queryPath)!,
                r.GetValue(truthPath)!,
                ParseMetric(r.GetValue(metric)!),
                ParseQuantizer(r.GetValue(quantizer)!),
                r.GetValue(index),
                r.GetValue(rounds),
                r.GetValue(buildThreads)
            )
        );
        return command;
    }

    private static Command Scale()
    {
        var sizes = new Option<string>("--sizes") { DefaultValueFactory = _ => "10000,100000,1000000" };
        var dimension = new Option<int>("--dimension") { DefaultValueFactory = _ => 256 };
        var quantizer = QuantizerOption();
        var buildThreads = new Option<int>("--build-threads") { DefaultValueFactory = _ => 0 };
        var directory = new Option<string?>("--directory")
        {
            Description = "Keeps data and built indexes there, so that the building and the measuring can be separate calls.",
        };
        var compact = CompactOption();
        var command = new Command("scale", "QPS at recall .95, build time and memory as the collection grows.")
        {
            sizes,
            dimension,
            quantizer,
            buildThreads,
            directory,
            compact,
        };
        command.SetAction(r =>
            AnnScale.Run(
                ParseList(r.GetValue(sizes)!),
                r.GetValue(dimension),
                ParseQuantizer(r.GetValue(quantizer)!),
                r.GetValue(buildThreads),
                r.GetValue(directory),
                r.GetValue(compact)
            )
        );
        return command;
    }

    private static Command Embed()
    {
        var texts = new Option<string>("--texts") { Description = "One text per line, plain or JSON; - reads stdin.", Required = true };
        var field = new Option<string>("--field")
        {
            Description = "The member of a JSON line that holds the text.",
            DefaultValueFactory = _ => "text",
        };
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "models/default" };
        var output = new Option<string>("--output")
        {
            Description = "Directory for base.fvecs, query.fvecs and truth.ivecs.",
            Required = true,
        };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 100_000 };
        var queries = new Option<int>("--queries") { DefaultValueFactory = _ => 1000 };
        var characters = new Option<int>("--max-characters") { Description = "Longer texts are cut.", DefaultValueFactory = _ => 400 };
        var command = new Command("embed", "Embeds real texts as base and query vectors, with their true neighbours.")
        {
            texts,
            field,
            model,
            output,
            count,
            queries,
            characters,
        };
        command.SetAction(
            (r, cancellationToken) =>
                AnnEmbed.RunAsync(
                    r.GetValue(texts)!,
                    r.GetValue(field)!,
                    r.GetValue(model)!,
                    r.GetValue(output)!,
                    r.GetValue(count),
                    r.GetValue(queries),
                    r.GetValue(characters),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Plot()
    {
        var inputs = new Argument<string[]>("results")
        {
            Description = "Files of JSON lines, from ann and from the peers.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output") { Description = "The picture (PNG).", Required = true };
        var command = new Command("plot", "Draws recall against QPS and prints a table with QPS at recall .95 and .99.") { inputs, output };
        command.SetAction(r => AnnPlot.Run(r.GetValue(inputs)!, r.GetValue(output)!));
        return command;
    }

    private static Option<string> MetricOption()
    {
        var option = new Option<string>("--metric") { DefaultValueFactory = _ => "cosine" };
        option.AcceptOnlyFromAmong("cosine", "dot", "l2");
        return option;
    }

    private static Option<string> QuantizerOption()
    {
        var option = new Option<string>("--quantizer") { DefaultValueFactory = _ => "int8" };
        option.AcceptOnlyFromAmong("none", "float16", "int8", "int4", "binary");
        return option;
    }

    private static Option<bool> CompactOption() => new("--compact") { Description = "Lays the nodes out for locality before measuring." };

    private static Option<bool> JsonOption() => new("--json") { Description = "One JSON object per line and ef; otherwise a table." };

    private static DistanceMetric ParseMetric(string name) =>
        name switch
        {
            "dot" => DistanceMetric.DotProduct,
            "l2" => DistanceMetric.Euclidean,
            _ => DistanceMetric.Cosine,
        };

    private static VectorQuantization ParseQuantizer(string name) =>
        name switch
        {
            "none" => VectorQuantization.None,
            "float16" => VectorQuantization.Float16,
            "int4" => VectorQuantization.Int4,
            "binary" => VectorQuantization.Binary,
            _ => VectorQuantization.Int8,
        };

    private static float[] ParseNumbers(string list) =>
        [.. list.Split(',').Select(x => float.Parse(x, NumberStyles.Float, CultureInfo.InvariantCulture))];

    private static int[] ParseList(string list) =>
        [.. list.Split(',').Select(x => int.Parse(x, NumberStyles.None, CultureInfo.InvariantCulture))];
}
