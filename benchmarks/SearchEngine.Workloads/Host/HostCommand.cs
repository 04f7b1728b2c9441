using System.CommandLine;

namespace SearchEngine.Workloads.Host;

/// <summary>The command "host": the search service as a process of its own, under load and against the engine in this process.</summary>
internal static class HostCommand
{
    public static Command Create() =>
        new("host", "The search service over HTTP: many clients at a time, what HTTP adds to the engine and to the embedder.")
        {
            CreateLoad(),
            CreateOverhead(),
            CreateEmbeddings(),
        };

    private static Command CreateLoad()
    {
        var program = Program();
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 200 };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 60 };
        var command = new Command(
            "load",
            "Clients that write and read as fast as they are answered, then SIGTERM in the middle of it, then a look whether every acknowledged write is there. Exit code 1 where anything but 2xx, 429 and 503 came, a write is lost or the host did not end well."
        )
        {
            program,
            clients,
            seconds,
        };
        command.SetAction(
            (r, cancellationToken) =>
                new HostLoad(r.GetValue(program)!, r.GetValue(clients)).RunAsync(
                    TimeSpan.FromSeconds(r.GetValue(seconds)),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command CreateOverhead()
    {
        var program = Program();
        var records = new Option<int>("--records") { DefaultValueFactory = _ => 20_000 };
        var dimension = new Option<int>("--dimension") { DefaultValueFactory = _ => 384 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 7 };
        var requests = new Option<int>("--requests") { Description = "Searches of a round.", DefaultValueFactory = _ => 2_000 };
        var clients = new Option<int>("--clients") { Description = "Searches at a time, of either side.", DefaultValueFactory = _ => 8 };
        var modes = new Option<SearchMode[]>("--mode")
        {
            Description = "What is searched; repeat it for several.",
            DefaultValueFactory = _ => [SearchMode.Keyword, SearchMode.Vector, SearchMode.Hybrid],
        };
        var command = new Command(
            "overhead",
            "Processor time of a search through the host against the same search in this process, in turns, over copies of one database."
        )
        {
            program,
            records,
            dimension,
            rounds,
            requests,
            clients,
            modes,
        };
        command.SetAction(
            (r, cancellationToken) =>
                new HostOverhead(
                    r.GetValue(program)!,
                    r.GetValue(records),
                    r.GetValue(dimension),
                    r.GetValue(rounds),
                    r.GetValue(requests),
                    r.GetValue(clients)
                ).RunAsync(r.GetValue(modes)!, cancellationToken)
        );
        return command;
    }

    private static Command CreateEmbeddings()
    {
        var program = Program();
        var model = new Option<string>("--model") { Description = "The model's folder.", Required = true };
        var texts = new Option<string>("--texts") { Description = "A folder of text files to embed.", Required = true };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 9 };
        var command = new Command("embeddings", "Tokens a second of /v1/embeddings against the generator in this process, in turns.")
        {
            program,
            model,
            texts,
            rounds,
        };
        command.SetAction(
            (r, cancellationToken) =>
                HostEmbeddings.RunAsync(r.GetValue(program)!, r.GetValue(model)!, r.GetValue(texts)!, r.GetValue(rounds), cancellationToken)
        );
        return command;
    }

    private static Option<string> Program() =>
        new("--host") { Description = "The program SearchEngine.Api, as it was built or published.", Required = true };
}
