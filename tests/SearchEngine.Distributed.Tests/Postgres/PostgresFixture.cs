using SearchEngine.Distributed.Postgres;
using SearchEngine.TestSupport.Postgres;
using Xunit;

[assembly: AssemblyFixture(typeof(SearchEngine.Distributed.Tests.Postgres.PostgresFixture))]

namespace SearchEngine.Distributed.Tests.Postgres;

/// <summary>One server for all tests that need no failover; each test has a database of its own on it.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private PostgresServer? _server;
    private int _databases;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>How to connect to a database that nobody else uses; skips the test where PostgreSQL is not installed.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await _gate.WaitAsync();
        try
        {
            _server ??= await PostgresServer.StartAsync();
            var name = $"test{_databases++}";
            await _server.CreateDatabaseAsync(name);
            return _server.ConnectionString(name);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A cluster's database that nobody else uses.</summary>
    public async Task<PostgresDatabase> OpenAsync(Func<PostgresOptions, PostgresOptions>? change = null)
    {
        var options = new PostgresOptions { ConnectionString = await NewDatabaseAsync() };
        return await PostgresDatabase.OpenAsync(change?.Invoke(options) ?? options);
    }
}
