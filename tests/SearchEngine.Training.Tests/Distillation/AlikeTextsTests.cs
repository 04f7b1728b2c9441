using SearchEngine.Training.Distillation;

namespace SearchEngine.Training.Tests.Distillation;

public sealed class AlikeTextsTests
{
    private const int Dimension = 48;

    /// <summary>Points around twenty centres, shuffled.</summary>
    private static float[][] Points(int count, long seed)
    {
        var random = DeterministicRandom.For(seed, 1, 0);
        float[] Point(float spread)
        {
            var point = new float[Dimension];
            for (var d = 0; d < Dimension; d++)
                point[d] = spread * (float)(random.NextDouble() - 0.5);
            return point;
        }

        var centres = Enumerable.Range(0, 20).Select(_ => Point(1)).ToArray();
        return [.. Enumerable.Range(0, count).Select(_ => centres[random.Next(20)].Zip(Point(0.3f), (a, b) => a + b).ToArray())];
    }

    private static AlikeTexts Make(float[][] points, long seed) =>
        new(points.Length, Dimension, rows => [.. rows.SelectMany(r => points[r])], seed);

    [Theory]
    [InlineData(1000, 8)]
    [InlineData(37, 8)]
    [InlineData(5, 8)]
    [InlineData(64, 1)]
    public void An_order_holds_every_text_once(int count, int size) =>
        Assert.Equal(Enumerable.Range(0, count), Make(Points(count, 1), 1).Order(0, size).Order());

    [Fact]
    public void Texts_of_a_group_are_nearer_to_each_other_than_to_others()
    {
        var points = Points(1600, 2);
        var order = Make(points, 3).Order(0, 8);
        double Distance(int i, int j) => points[order[i]].Zip(points[order[j]], (a, b) => (a - b) * (a - b)).Sum();
        var near = Enumerable.Range(0, 1599).Average(i => Distance(i, i + 1));
        var far = Enumerable.Range(0, 800).Average(i => Distance(i, i + 800));
        Assert.True(near < far / 2, $"neighbours {near:F3}, others {far:F3}");
    }

    [Fact]
    public void An_order_is_a_function_of_seed_and_pass()
    {
        var points = Points(400, 4);
        Assert.Equal(Make(points, 5).Order(2, 8), Make(points, 5).Order(2, 8));
        Assert.NotEqual(Make(points, 5).Order(2, 8), Make(points, 5).Order(3, 8));
        Assert.NotEqual(Make(points, 5).Order(2, 8), Make(points, 6).Order(2, 8));
    }

    [Fact]
    public void Equal_texts_are_cut_into_groups_too()
    {
        var same = Enumerable.Range(0, 100).Select(_ => new float[Dimension]).ToArray();
        Assert.Equal(Enumerable.Range(0, 100), Make(same, 1).Order(0, 8).Order());
    }
}
