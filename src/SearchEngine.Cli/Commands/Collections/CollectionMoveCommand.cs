using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Moving;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Copies a collection between the folder and the cluster, holds both against each other, and deletes the first where asked to.</summary>
internal sealed class CollectionMoveCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionMovePlan plan, CancellationToken cancellationToken)
    {
        await using var from = await DatabaseSession.OpenExistingAsync(plan.From, null, cancellationToken);
        var source = await DatabaseSession.OpenCollectionAsync(from, plan.From, plan.Name, cancellationToken);
        await using var to = await DatabaseSession.OpenAsync(plan.To, null, cancellationToken);
        var target = await to.GetOrCreateCollectionAsync(source.Schema, cancellationToken);
        using var progress = new CountProgress(console, "moving", await source.CountAsync(cancellationToken: cancellationToken), "records");
        var report = await new CollectionMove(source, target).RunAsync(progress, cancellationToken);
        if (plan.Removes)
            await from.DeleteCollectionAsync(plan.Name, cancellationToken);
        if (plan.AsJson)
        {
            console.WriteJson(
                new
                {
                    collection = plan.Name,
                    records = report.Content.Records,
                    hash = report.Content.ToString(),
                    removed = plan.Removes,
                }
            );
        }
        else
        {
            console.Out.WriteLine(
                $"collection '{plan.Name}' is in {plan.To.DisplayName}: {Format.Count(report.Content.Records, "record")}, the same by content hash; "
                    + (
                        plan.Removes
                            ? $"deleted in {plan.From.DisplayName}"
                            : $"still in {plan.From.DisplayName} (--remove deletes it there)"
                    )
            );
        }

        return ExitCode.Success;
    }
}
