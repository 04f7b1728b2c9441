namespace SearchEngine.Ingestion.Tests.Pipeline;

public sealed class WriteSpeedTests
{
    [Fact]
    public void A_slow_start_says_nothing_of_the_speed()
    {
        var speed = new WriteSpeed();
        speed.Measure(TimeSpan.FromSeconds(4), 0);
        Assert.Equal(0, speed.BytesPerSecond);
        speed.Measure(TimeSpan.FromSeconds(5), 1000); // loading the model took these five seconds
        Assert.Equal(0, speed.BytesPerSecond);
        speed.Measure(TimeSpan.FromSeconds(6), 21_000);
        Assert.Equal(20_000, speed.BytesPerSecond, 1e-6);
    }

    [Fact]
    public void An_even_speed_is_told_from_the_second_write_on()
    {
        var speed = new WriteSpeed();
        speed.Measure(TimeSpan.FromSeconds(2), 500);
        for (var i = 1; i <= 200; i++)
        {
            speed.Measure(TimeSpan.FromSeconds(2 + i * 0.7), 500 + i * 7000);
            Assert.Equal(10_000, speed.BytesPerSecond, 0.01);
        }
    }

    [Fact]
    public void The_mean_since_the_first_write_is_told_at_first_and_the_last_seconds_count_later()
    {
        var speed = new WriteSpeed();
        speed.Measure(TimeSpan.FromSeconds(1), 100);
        speed.Measure(TimeSpan.FromSeconds(2), 3100);
        speed.Measure(TimeSpan.FromSeconds(3), 4100);
        Assert.Equal(2000, speed.BytesPerSecond, 1e-6);
        for (var i = 0; i < 60; i++)
            speed.Measure(TimeSpan.FromSeconds(4 + i), 4100 + (i + 1) * 9000L);
        Assert.InRange(speed.BytesPerSecond, 8800, 9000);
    }

    [Fact]
    public void Writes_in_one_moment_are_one_measurement()
    {
        var speed = new WriteSpeed();
        speed.Measure(TimeSpan.FromSeconds(1), 100);
        speed.Measure(TimeSpan.FromSeconds(1.1), 5_000_000);
        Assert.Equal(0, speed.BytesPerSecond);
        speed.Measure(TimeSpan.FromSeconds(3), 5_000_000);
        Assert.Equal(4_999_900 / 2.0, speed.BytesPerSecond, 1e-6);
    }
}
