using Aspire.Hosting;
using Microsoft.Extensions.Options;
using SearchEngine.Samples.Cluster;

var builder = DistributedApplication.CreateBuilder(args);
ClusterModel.AddTo(builder);
try
{
    await builder.Build().RunAsync();
    return 0;
}
catch (OptionsValidationException e)
{
    await Console.Error.WriteLineAsync(
        $"Aspire's orchestrator is not there: run this with 'dotnet run --project samples/cluster/AppHost -p:Orchestrator=true', which fetches it. {e.Message}"
    );
    return 1;
}
