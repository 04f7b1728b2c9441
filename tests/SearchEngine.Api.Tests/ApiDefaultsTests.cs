using SearchEngine.Hosting;

namespace SearchEngine.Api.Tests;

public sealed class ApiDefaultsTests
{
    [Fact]
    public void It_listens_on_the_loopback_address_by_default() =>
        Assert.True(new Uri(SettingsLoader.Load(AppContext.BaseDirectory, Path.GetTempPath()).Api.Url).IsLoopback);
}
