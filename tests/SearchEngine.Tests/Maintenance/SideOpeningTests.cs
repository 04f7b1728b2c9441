using SearchEngine.Maintenance;
using Xunit;

namespace SearchEngine.Tests.Maintenance;

/// <summary>Rule: what was opened beside is either taken or closed, whoever opened it.</summary>
public class SideOpeningTests
{
    private sealed class Closable : IDisposable
    {
        public int Closed { get; private set; }

        public void Dispose() => Closed++;
    }

    [Fact]
    public void What_is_taken_stays_open()
    {
        var opened = new Closable();
        using (var side = new SideOpening<Closable>(() => opened))
            Assert.Same(opened, side.Take());
        Assert.Equal(0, opened.Closed);
    }

    [Fact]
    public void What_is_not_taken_is_closed_if_it_was_opened()
    {
        for (var i = 0; i < 200; i++)
        {
            Closable? opened = null;
            var side = new SideOpening<Closable>(() => opened = new Closable());
            // Sometimes a thread has begun by then, sometimes not.
            Thread.SpinWait(i * 50);
            side.Dispose();
            Assert.Equal(opened is null ? 0 : 1, opened?.Closed ?? 0);
        }
    }

    [Fact]
    public void What_the_opening_threw_comes_to_the_one_who_takes_and_to_nobody_else()
    {
        using (new SideOpening<Closable>(() => throw new IOException("beside"))) { }
        using var side = new SideOpening<Closable>(() => throw new IOException("beside"));
        Assert.Equal("beside", Assert.Throws<IOException>(() => side.Take()).Message);
    }

    [Fact]
    public void Nothing_may_be_what_is_opened()
    {
        using var taken = new SideOpening<Closable?>(() => null);
        Assert.Null(taken.Take());
        new SideOpening<Closable?>(() => null).Dispose();
    }
}
