namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>Without vectors: for processors that have none for us, and the model that the other kernels are held against.</summary>
internal sealed unsafe class ScalarInt8Kernel : Int8Kernel
{
    public override string Name => "scalar";

    public override void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Signed(row, groups, target);

    public override void Tile(byte* inputs, nint inputStride, int rows, sbyte* weights, int panels, int groups, int* sums)
    {
        var columns = panels * Int8Panels.Columns;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var sum = 0;
                var input = (sbyte*)inputs + row * inputStride;
                var weight = weights + column * Int8Panels.Group;
                for (var group = 0; group < groups; group++)
                {
                    sum += input[0] * weight[0] + input[1] * weight[1] + input[2] * weight[2] + input[3] * weight[3];
                    input += Int8Panels.Group;
                    weight += (nint)columns * Int8Panels.Group;
                }
                sums[row * columns + column] = sum;
            }
        }
    }
}
