using System.CommandLine;
using SearchEngine.Api;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Serve;

/// <summary><c>searchengine serve</c>, <c>searchengine mcp</c> and <c>searchengine key</c>.</summary>
internal static class ServeSyntax
{
    public static Command Build()
    {
        var (data, model) = (Data(), Model());
        var url = new Option<string?>("--url")
        {
            Description = "Where to listen (default: http://127.0.0.1:5080); a public address needs an API key",
            HelpName = "URL",
        };
        var command = new Command("serve", "Serve a database over HTTP, with a page to search in, until Ctrl-C") { data, model, url };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await SearchService.ServeAsync(
                    Overrides(("Data", parsed.GetValue(data)), ("Model", parsed.GetValue(model)), ("Api:Url", parsed.GetValue(url))),
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command BuildMcp()
    {
        var (data, model) = (Data(), Model());
        var collection = new Option<string?>("--collection")
        {
            Description = "The collection where a call names none (default: default)",
            HelpName = "NAME",
        };
        var command = new Command("mcp", "Serve a database as tools of the Model Context Protocol, over standard input and output")
        {
            data,
            model,
            collection,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await SearchService.ServeMcpAsync(
                    Overrides(
                        ("Data", parsed.GetValue(data)),
                        ("Model", parsed.GetValue(model)),
                        ("Collection", parsed.GetValue(collection))
                    ),
                    cancellationToken
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    public static Command BuildKey(CliConsole console)
    {
        var command = new Command("key", "Make an API key and the hash to put into the settings (Api:Keys)");
        command.SetAction(_ =>
        {
            var (key, hash) = SearchService.MakeKey();
            console.Out.WriteLine($"key   {key}");
            console.Out.WriteLine($"hash  {hash}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<string?> Data() => new("--data") { Description = "The database's folder (default: ./data)", HelpName = "DIR" };

    private static Option<string?> Model() =>
        new("--model") { Description = "The embedding model's folder, or none (default: the shipped models/default)", HelpName = "DIR" };

    private static Dictionary<string, string?> Overrides(params (string Name, string? Value)[] values) =>
        values.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value);
}
