using System.CommandLine;
using System.Globalization;
using System.Net;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Silo;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary><c>searchengine cluster run|status|verify|add|drain|remove|rebalance</c>: silos and the shards that they hold.</summary>
internal static class ClusterSyntax
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Build(CliConsole console) =>
        new("cluster", "Run a silo of a cluster, look at the cluster, add and drain silos")
        {
            Run(console),
            Status(console),
            Verify(console),
            Change(
                console,
                "add",
                "Have a silo hold replicas: one that waits for it, or one that was drained",
                (change, silo, token) => change.AddAsync(silo, token)
            ),
            Change(
                console,
                "drain",
                "Have a silo give its replicas to the others; its disk is returned. A dead silo's are made anew",
                (change, silo, token) => change.DrainAsync(silo, token)
            ),
            Remove(console),
            Rebalance(console),
        };

    private static Command Run(CliConsole console)
    {
        var name = new Argument<string>("SILO") { Description = "The silo's name: its own, and the same whenever it is started" };
        var data = new Option<string?>("--data") { Description = "Where its replicas lie (default: ./silos/SILO)", HelpName = "DIR" };
        var address = new Option<string?>("--address")
        {
            Description = "The address at which the others reach it (default: 127.0.0.1)",
            HelpName = "IP",
        };
        var port = Port("--port", $"Its port for other silos (default: {SiloSettings.DefaultSiloPort})");
        var gateway = Port("--gateway-port", $"Its port for clients (default: {SiloSettings.DefaultGatewayPort})");
        var wait = new Option<bool>("--no-join") { Description = "Hold nothing until 'cluster add' says so" };
        var command = new Command("run", "Be a silo of the cluster until Ctrl-C") { name, data, address, port, gateway, wait };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var silo = parsed.GetRequiredValue(name);
                var given = parsed.GetValue(address) ?? "127.0.0.1";
                if (!IPAddress.TryParse(given, out var at))
                    throw new HostException($"--address takes an IP address of this machine, not '{given}'.");
                var settings = SettingsLoader.Load();
                return new ClusterRunCommand(console).RunAsync(
                    settings.Database.RequireCluster().ToSettings(),
                    ClusterRunCommand.SettingsOf(
                        silo,
                        Path.GetFullPath(parsed.GetValue(data) ?? Path.Combine("silos", silo)),
                        at,
                        parsed.GetValue(port) ?? SiloSettings.DefaultSiloPort,
                        parsed.GetValue(gateway) ?? SiloSettings.DefaultGatewayPort,
                        !parsed.GetValue(wait),
                        settings.Database
                    ),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static Command Status(CliConsole console)
    {
        var json = CommonOptions.Json();
        var command = new Command("status", "Show silos, shards, and how far each replica is behind") { json };
        command.SetAction((parsed, token) => new ClusterStatusCommand(console).RunAsync(Settings(), parsed.GetValue(json), token));
        return command;
    }

    private static Command Verify(CliConsole console)
    {
        var collection = new Argument<string>("NAME") { Description = "The collection's name" };
        var command = new Command("verify", "Check every replica of a collection, and whether those of a shard hold the same")
        {
            collection,
        };
        command.SetAction(
            (parsed, token) => new ClusterVerifyCommand(console).RunAsync(Settings(), parsed.GetRequiredValue(collection), token)
        );
        return command;
    }

    private static Command Change(
        CliConsole console,
        string name,
        string description,
        Func<Distributed.Placement.ClusterAdministration, string, CancellationToken, Task> change
    )
    {
        var silo = new Argument<string>("SILO") { Description = "The silo's name" };
        var noWait = NoWait();
        var command = new Command(name, description) { silo, noWait };
        command.SetAction(
            (parsed, token) =>
                new ClusterChangeCommand(console).RunAsync(
                    Settings(),
                    (administration, cancel) => change(administration, parsed.GetRequiredValue(silo), cancel),
                    !parsed.GetValue(noWait),
                    token
                )
        );
        return command;
    }

    private static Command Remove(CliConsole console)
    {
        var silo = new Argument<string>("SILO") { Description = "The silo's name" };
        var command = new Command("remove", "Forget a silo that was drained and is stopped") { silo };
        command.SetAction(
            (parsed, token) =>
                new ClusterChangeCommand(console).RunAsync(
                    Settings(),
                    (administration, cancel) => administration.RemoveAsync(parsed.GetRequiredValue(silo), cancel),
                    waits: false,
                    token
                )
        );
        return command;
    }

    private static Command Rebalance(CliConsole console)
    {
        var replicas = new Option<int?>("--replicas")
        {
            Description = "How many replicas each shard is to have from now on (default: as many as now)",
            HelpName = "N",
        };
        var noWait = NoWait();
        var command = new Command("rebalance", "Wait until every shard is where it belongs; or change how many replicas each has")
        {
            replicas,
            noWait,
        };
        command.SetAction(
            (parsed, token) =>
                new ClusterChangeCommand(console).RunAsync(
                    Settings(),
                    (administration, cancel) =>
                        parsed.GetValue(replicas) is { } factor
                            ? administration.SetReplicationFactorAsync(factor, cancel)
                            : Task.CompletedTask,
                    !parsed.GetValue(noWait),
                    token
                )
        );
        return command;
    }

    private static Option<bool> NoWait() => new("--no-wait") { Description = "Do not wait until replicas have moved" };

    private static Option<int?> Port(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            )
            {
                result.AddError($"{name} takes a port from 1 to 65535, not '{text}'");
            }
        });
        return option;
    }

    /// <summary>For commands that somebody waits for: a failover is waited out, a server that is not there is told soon.</summary>
    private static ClusterSettings Settings()
    {
        var settings = SettingsLoader.Load().Database.RequireCluster().ToSettings();
        return settings with { Postgres = settings.Postgres with { RetryFor = Patience } };
    }
}
