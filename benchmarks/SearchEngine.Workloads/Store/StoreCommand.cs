using System.CommandLine;
using System.Globalization;

namespace SearchEngine.Workloads.Store;

/// <summary>The command "store" and its subcommands: the durable store beside SQLite, one JSON line per result.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        var store = new Command(
            "store",
            "Measures the durable store: writes, reads, recovery, checkpoints and space, beside SQLite with the same records and vectors."
        );
        store.Subcommands.Add(Writes());
        store.Subcommands.Add(Reads());
        store.Subcommands.Add(Recovery());
        store.Subcommands.Add(Checkpoints());
        store.Subcommands.Add(EngineCheckpoints());
        store.Subcommands.Add(Space());
        foreach (var command in Million())
            store.Subcommands.Add(command);
        return store;
    }

    private static Command Writes()
    {
        var seconds = new Option<double>("--seconds") { Description = "Time per measurement.", DefaultValueFactory = _ => 2 };
        var batches = new Option<string>("--batches") { DefaultValueFactory = _ => "1,32,256" };
        var threads = new Option<string>("--threads") { DefaultValueFactory = _ => "1,4" };
        var directory = DirectoryOption();
        var command = new Command(
            "writes",
            "Durable writes a second (each batch is on the disk before the next begins) by batch size and threads."
        )
        {
            seconds,
            batches,
            threads,
            directory,
        };
        command.SetAction(r =>
            StoreWrites.Run(r.GetValue(directory), r.GetValue(seconds), ParseList(r.GetValue(batches)!), ParseList(r.GetValue(threads)!))
        );
        return command;
    }

    private static Command Reads()
    {
        var count = new Option<int>("--count") { Description = "Records (each with a vector).", DefaultValueFactory = _ => 100_000 };
        var memory = new Option<int>("--memory-mb")
        {
            Description = "Memory budget for the case where data are larger than it.",
            DefaultValueFactory = _ => 64,
        };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 2 };
        var directory = DirectoryOption();
        var command = new Command(
            "reads",
            "Point reads a second (record and vector) with all data in the store's memory, and with a budget of a fraction of them."
        )
        {
            count,
            memory,
            seconds,
            directory,
        };
        command.SetAction(r => StoreReads.Run(r.GetValue(directory), r.GetValue(count), r.GetValue(memory), r.GetValue(seconds)));
        return command;
    }

    private static Command Recovery()
    {
        var counts = new Option<string>("--counts")
        {
            Description = "Records in the log after the checkpoint.",
            DefaultValueFactory = _ => "1000,10000,100000",
        };
        var directory = DirectoryOption();
        var command = new Command("recovery", "Seconds to open by the length of the log to replay.") { counts, directory };
        command.SetAction(r => StoreRecovery.Run(r.GetValue(directory), ParseList(r.GetValue(counts)!)));
        return command;
    }

    private static Command Checkpoints()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 100_000 };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 10 };
        var directory = DirectoryOption();
        var command = new Command("checkpoints", "How long writers and readers of records stop while checkpoints run one after the other.")
        {
            count,
            seconds,
            directory,
        };
        command.SetAction(r => StoreCheckpoints.Run(r.GetValue(directory), r.GetValue(count), r.GetValue(seconds)));
        return command;
    }

    private static Command EngineCheckpoints()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 20_000 };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 20 };
        var directory = DirectoryOption();
        var command = new Command(
            "engine-checkpoints",
            "How long durable writes, reads and hybrid searches of a whole collection stop while checkpoints run one after the other."
        )
        {
            count,
            seconds,
            directory,
        };
        command.SetAction(
            (r, cancellationToken) =>
                StoreEngineCheckpoints.RunAsync(r.GetValue(directory), r.GetValue(count), r.GetValue(seconds), cancellationToken)
        );
        return command;
    }

    private static Command Space()
    {
        var memory = new Option<int>("--memory-mb") { DefaultValueFactory = _ => 32 };
        var rewrites = new Option<int>("--rewrites") { DefaultValueFactory = _ => 10 };
        var directory = DirectoryOption();
        var command = new Command(
            "space",
            "Data of four times the memory budget, every record rewritten: memory held, and disk use against live data."
        )
        {
            memory,
            rewrites,
            directory,
        };
        command.SetAction(r => StoreSpace.Run(r.GetValue(directory), r.GetValue(memory), r.GetValue(rewrites)));
        return command;
    }

    /// <summary>The parent and its two children, which take the same options.</summary>
    private static IEnumerable<Command> Million()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 1_000_000 };
        var dimensions = new Option<int>("--dimensions") { DefaultValueFactory = _ => 384 };
        var memory = new Option<int>("--memory-mb") { Description = "The database's memory budget.", DefaultValueFactory = _ => 256 };
        var batch = new Option<int>("--batch") { Description = "Records of one write.", DefaultValueFactory = _ => 1000 };
        var tail = new Option<int>("--tail")
        {
            Description = "Records written behind the checkpoint before the kill.",
            DefaultValueFactory = _ => 2000,
        };
        var checkpoint = new Option<int>("--checkpoint-mb")
        {
            Description = "Write log after which the engine checkpoints by itself.",
            DefaultValueFactory = _ => 256,
        };
        var threads = new Option<int>("--index-threads")
        {
            Description = "Threads that insert into the graph (0: all).",
            DefaultValueFactory = _ => 0,
        };
        var again = new Option<bool>("--again")
        {
            Description = "Takes what an earlier run left in place of ingesting: writes a tail, kills, opens.",
        };
        var acknowledged = new Option<int>("--acknowledged") { Hidden = true };
        var directory = DirectoryOption();
        (string Name, string Text, Func<ParseResult, Task<int>> Run)[] commands =
        [
            (
                "million",
                "A large collection through the engine: ingest, checkpoint, kill -9 while writing, open, check.",
                r => Task.Run(() => StoreMillion.Run(Options(r)))
            ),
            ("million-ingest", "The child of 'million' that writes.", r => StoreMillion.IngestAsync(Options(r))),
            ("million-open", "The child of 'million' that opens.", r => StoreMillion.OpenAsync(Options(r), r.GetValue(acknowledged))),
        ];
        foreach (var (name, text, run) in commands)
        {
            var command = new Command(name, text)
            {
                count,
                dimensions,
                memory,
                batch,
                tail,
                checkpoint,
                threads,
                again,
                acknowledged,
                directory,
            };
            command.Hidden = name != "million";
            command.SetAction((r, _) => run(r));
            yield return command;
        }

        MillionOptions Options(ParseResult r) =>
            new(
                r.GetValue(directory),
                r.GetValue(count),
                r.GetValue(dimensions),
                r.GetValue(memory),
                r.GetValue(batch),
                r.GetValue(tail),
                r.GetValue(checkpoint),
                r.GetValue(threads),
                r.GetValue(again)
            );
    }

    private static Option<string?> DirectoryOption() =>
        new("--directory") { Description = "Where the files go (a temporary directory if left out): measure on the disk that counts." };

    private static int[] ParseList(string text) => [.. text.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
}
