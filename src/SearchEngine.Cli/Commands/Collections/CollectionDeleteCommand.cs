using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Deletes a collection.</summary>
internal sealed class CollectionDeleteCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        await DatabaseSession.RequireCollectionAsync(database, plan.Database, plan.Name, cancellationToken);
        var deleted = await database.DeleteCollectionAsync(plan.Name, cancellationToken);
        if (plan.AsJson)
            console.WriteJson(new { name = plan.Name, deleted });
        else if (deleted)
            console.Out.WriteLine($"deleted collection '{plan.Name}'");
        return deleted ? ExitCode.Success : ExitCode.Partial;
    }
}
