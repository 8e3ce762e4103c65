using Ecom.Training;
using Ecom.Training.Runs;

// The service starts itself again for each run, so that a run can be killed and its memory ends with it.
if (args is ["train", ..])
{
    return await TrainingChild.RunAsync();
}

var builder = WebApplication.CreateBuilder(args);
builder.AddTraining();
var app = builder.Build();
app.MapTraining();
await app.RunAsync();
return 0;
